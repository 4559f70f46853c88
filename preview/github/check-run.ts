import { renderMarkdown } from "../render/markdown";
import { headline } from "../render/words";
import type { PreviewReport } from "../report/model";
import { onGithub, type Github } from "./client";

/** Name under which the check shows, and under which branch protection may require it. */
export const CHECK_NAME = "Plan preview";

/** GitHub refuses longer summaries. */
const SUMMARY_LIMIT = 65_000;

/** What a check of a report comes to: the guard and failed plans fail it, everything else is for people to judge. */
export function conclusionOf({ guard, stacks }: PreviewReport): "success" | "failure" {
  return guard.violations.length > 0 || stacks.some(({ status }) => status === "failed") ? "failure" : "success";
}

/** Reports a preview as a check of the commit that was previewed. */
export async function reportCheck(github: Github, report: PreviewReport, commit: string, fullReport: string | undefined): Promise<void> {
  const { octokit, owner, repo } = github;
  await onGithub(github, `report a check on ${commit.slice(0, 7)}`, "checks: write", () =>
    octokit.rest.checks.create({
      owner,
      repo,
      name: CHECK_NAME,
      head_sha: commit,
      status: "completed",
      conclusion: conclusionOf(report),
      ...(fullReport === undefined ? {} : { details_url: fullReport }),
      output: { title: headline(report).slice(0, 255), summary: renderMarkdown(report, { limit: SUMMARY_LIMIT, fullReport }) },
    }),
  );
}
