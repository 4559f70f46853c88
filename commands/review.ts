import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { CommandError } from "../config/command-error";
import { connectGithub } from "../preview/github/client";
import { pullRequestOf, readWorkflowRun } from "../preview/github/pull-request";
import { lastDeployed, mergedBetween, relationOf, reviewedReport } from "../preview/github/reviews";
import { readUntrustedReport } from "../preview/github/untrusted-report";
import { setOutput } from "./workflow-output";

interface PullRequestOptions {
  readonly branch: string;
  readonly hint?: string;
}

interface MergedOptions {
  readonly branch: string;
  readonly commit: string;
  readonly into: string;
  readonly before?: string;
}

/** `drydock review`: what workflows ask GitHub about reviews. */
export function reviewCommand(): Command {
  const command = new Command("review").description("find what is reviewed and what was; workflows call this with GITHUB_TOKEN set");
  command
    .command("pull-request")
    .description("the pull request of a preview's run, and the commit that it is compared with")
    .requiredOption("--branch <name>", "deploying branch")
    .option("--hint <file>", "file with the number that the run itself says, where a branch has two pull requests")
    .action(async ({ branch, hint }: PullRequestOptions) => {
      const run = readWorkflowRun(process.env["GITHUB_EVENT_PATH"]);
      const github = connectGithub(process.env);
      const found = await pullRequestOf(github, run, hintIn(hint));
      if (!found) {
        process.stdout.write(`No open pull request is at ${run.head_sha.slice(0, 7)} any more, so there is nothing to review.\n`);
        return;
      }
      const { mergeBase } = await relationOf(github, branch, found.head);
      const deployed = await lastDeployed(github, branch);
      // What was merged and is not deployed yet is brought along by the next deploy, so the review shows it too.
      const behind = deployed !== undefined && ["ahead", "identical"].includes((await relationOf(github, deployed, mergeBase)).status);
      const base = behind ? deployed : mergeBase;
      setOutput("number", String(found.number));
      setOutput("head", found.head);
      setOutput("base", base);
      setOutput("own", String(found.own));
      process.stdout.write(`#${found.number} at ${found.head.slice(0, 7)} is compared with ${base.slice(0, 7)}\n`);
    });
  command
    .command("merged")
    .description("bring the reports of everything that was merged since the last deploy that succeeded")
    .requiredOption("--branch <name>", "deploying branch")
    .requiredOption("--commit <commit>", "commit that is deployed")
    .option("--before <commit>", "what counts as deployed while no deploy has succeeded")
    .requiredOption("--into <folder>", "where to write the reports, oldest first")
    .action(async ({ branch, commit, into, before }: MergedOptions) => {
      const github = connectGithub(process.env);
      const deployed = (await lastDeployed(github, branch)) ?? before;
      if (deployed === undefined)
        throw new CommandError("No deploy has succeeded yet, and nothing says where to begin. Name the commit before with --before.", 2);
      const merged = await mergedBetween(github, deployed, commit, branch);
      rmSync(into, { recursive: true, force: true });
      mkdirSync(into, { recursive: true });
      for (const [index, pullRequest] of merged.entries()) {
        const file = join(resolve(into), `${String(index + 1).padStart(3, "0")}-${pullRequest.number}.json`);
        writeFileSync(file, await reviewedReport(github, pullRequest, branch));
        const { mode } = readUntrustedReport(file, pullRequest.head);
        if (mode !== "real")
          throw new CommandError(`#${pullRequest.number} was only rehearsed. A deploy goes by what was planned against the account.`, 3);
        process.stdout.write(`#${pullRequest.number} was reviewed at ${pullRequest.head.slice(0, 7)}\n`);
      }
      setOutput("base", deployed);
      setOutput("reports", String(merged.length));
    });
  return command;
}

/** A number that code of a pull request wrote: anything else than a number is none. */
function hintIn(file: string | undefined): number | undefined {
  if (file === undefined || !existsSync(file)) return undefined;
  const [, digits] = /^(\d{1,9})\s*$/.exec(readFileSync(file, "utf8").slice(0, 20)) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
