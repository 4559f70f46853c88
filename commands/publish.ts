import { existsSync, readFileSync } from "node:fs";
import { Command } from "commander";
import { z } from "zod";
import { CommandError } from "../config/command-error";
import { driftSchema, type DriftReport } from "../preview/drift/model";
import { reportCheck } from "../preview/github/check-run";
import { connectGithub } from "../preview/github/client";
import { keepComment } from "../preview/github/comment";
import { keepDriftIssues } from "../preview/github/drift-issues";
import { pullRequestOf, readWorkflowRun } from "../preview/github/pull-request";
import { readUntrustedReport } from "../preview/github/untrusted-report";
import { COMMENT_LIMIT, renderMarkdown } from "../preview/render/markdown";

/** `drydock publish`: what workflows tell GitHub. */
export function publishCommand(): Command {
  const command = new Command("publish").description("put reports on GitHub; workflows call this with GITHUB_TOKEN set");
  command
    .command("preview")
    .description("comment on the pull request of a workflow run, and report a check; the report is taken as anyone's")
    .argument("<report>", "report.json of a preview")
    .action(async (file: string) => {
      const run = readWorkflowRun(process.env["GITHUB_EVENT_PATH"]);
      const report = readUntrustedReport(file, run.head_sha);
      const github = connectGithub(process.env);
      await reportCheck(github, report, run.head_sha, run.html_url);
      const number = await pullRequestOf(github, run);
      if (number === undefined) {
        process.stdout.write(`No open pull request is at ${run.head_sha.slice(0, 7)} any more, so nothing was commented.\n`);
        return;
      }
      const { done } = await keepComment(github, number, renderMarkdown(report, { limit: COMMENT_LIMIT, fullReport: run.html_url }));
      process.stdout.write(`The comment on #${number} was ${done === "unchanged" ? "up to date" : done}.\n`);
    });
  command
    .command("drift")
    .description("keep one issue per stack that drifted, and close those whose drift is gone")
    .argument("<report>", "what drydock drift --json printed")
    .action(async (file: string) => {
      const issues = await keepDriftIssues(connectGithub(process.env), readDriftReport(file));
      process.stdout.write(
        issues.length === 0
          ? "There is nothing to say.\n"
          : issues.map(({ stack, number, done }) => `${stack}: #${number} ${done}\n`).join(""),
      );
    });
  return command;
}

function readDriftReport(file: string): DriftReport {
  if (!existsSync(file)) throw new CommandError(`There is no report ${file}.`, 2);
  try {
    return driftSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new CommandError(`${file} is not a drift report: ${reason}`, 2);
  }
}
