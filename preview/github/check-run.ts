import { renderMarkdown } from "../render/markdown";
import { headline } from "../render/words";
import type { PreviewReport } from "../report/model";
import type { Refusal } from "../untrusted/refusal";
import { onGithub, type Github } from "./client";

/** Name under which a fleet's check shows, and under which branch protection may require it. */
export function checkName(fleet: string): string {
  return fleet === "" ? "Plan preview" : `Plan preview (${fleet})`;
}

/** GitHub refuses longer summaries. */
const SUMMARY_LIMIT = 65_000;

/** What a check tells. */
export interface CheckOptions {
  readonly report: PreviewReport;
  /** Why its programs were not planned with credentials. */
  readonly refusals: readonly Refusal[];
  readonly commit: string;
  readonly fullReport: string | undefined;
}

/**
 * What a check of a report comes to: the guard, failed plans and programs that a deploy would refuse fail it, everything
 * else is for people to judge.
 */
export function conclusionOf({ guard, stacks }: PreviewReport, refusals: readonly Refusal[]): "success" | "failure" {
  const bad = guard.violations.length > 0 || refusals.length > 0 || stacks.some(({ status }) => status === "failed");
  return bad ? "failure" : "success";
}

/** Reports a preview as a check of the commit that was previewed. */
export async function reportCheck(github: Github, { report, refusals, commit, fullReport }: CheckOptions): Promise<void> {
  const { octokit, owner, repo } = github;
  await onGithub(github, `report a check on ${commit.slice(0, 7)}`, "checks: write", () =>
    octokit.rest.checks.create({
      owner,
      repo,
      name: checkName(report.fleet),
      head_sha: commit,
      status: "completed",
      conclusion: conclusionOf(report, refusals),
      ...(fullReport === undefined ? {} : { details_url: fullReport }),
      output: { title: headline(report).slice(0, 255), summary: renderMarkdown(report, { limit: SUMMARY_LIMIT, refusals, fullReport }) },
    }),
  );
}
