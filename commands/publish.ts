import { existsSync, readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { z } from "zod";
import { CommandError } from "../config/command-error";
import { driftSchema, type DriftReport } from "../preview/drift/model";
import { reportCheck } from "../preview/github/check-run";
import { connectGithub } from "../preview/github/client";
import { ACTIONS_BOT, keepComment } from "../preview/github/comment";
import { keepDriftIssues } from "../preview/github/drift-issues";
import { publishedReport, type ReportSources } from "../preview/github/published-report";
import { COMMENT_LIMIT, renderMarkdown } from "../preview/render/markdown";
import { positive } from "./arguments";

interface PreviewOptions extends ReportSources {
  readonly pullRequest: number;
  readonly head: string;
  readonly url?: string;
  readonly author: string;
}

const COMMENT_WORDS = {
  created: "The comment on # was created.",
  updated: "The comment on # was updated.",
  unchanged: "The comment on # was up to date.",
  locked: "The conversation of # is locked, so nothing was commented; the check has the report.",
} as const;

/** `drydock publish`: what workflows tell GitHub. */
export function publishCommand(): Command {
  const command = new Command("publish").description("put reports on GitHub; workflows call this with GITHUB_TOKEN set");
  command
    .command("preview")
    .description("comment on a pull request, and report a check: what was planned, or else the pull request's own rehearsal")
    .requiredOption("--planned <folder>", "what plan.yml left; it may be missing")
    .requiredOption("--rehearsed <folder>", "what the pull request's own job left: taken as anyone's")
    .addOption(
      new Option("--plan-result <result>", "how the job that plans ended")
        .choices(["success", "failure", "cancelled", "skipped"])
        .makeOptionMandatory(),
    )
    .requiredOption("--pull-request <number>", "which one", positive)
    .requiredOption("--head <commit>", "commit that the report must be about")
    .option("--url <address>", "where the whole report is")
    .option("--author <login>", "who writes the comment; only its own is updated", ACTIONS_BOT)
    .action(async (options: PreviewOptions) => {
      const { pullRequest, head, url, author } = options;
      const { report, refusals } = publishedReport(options);
      const github = connectGithub(process.env);
      await reportCheck(github, { report, refusals, commit: head, fullReport: url });
      const body = renderMarkdown(report, { limit: COMMENT_LIMIT, refusals, ...(url === undefined ? {} : { fullReport: url }) });
      const { done } = await keepComment(github, { pullRequest, fleet: report.fleet, body, author });
      process.stdout.write(`${COMMENT_WORDS[done].replace("#", `#${pullRequest}`)}\n`);
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
