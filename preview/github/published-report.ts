import { existsSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../../config/command-error";
import type { PreviewReport } from "../report/model";
import { readRefusals } from "../untrusted/refused";
import type { Refusal } from "../untrusted/refusal";
import { readUntrustedReport } from "./untrusted-report";

/** Where the report of a pull request may come from. */
export interface ReportSources {
  /** Folder that the planning job left. */
  readonly planned: string;
  /** Folder that the pull request's own job left: anyone may have written it. */
  readonly rehearsed: string;
  /** How the planning job ended. */
  readonly planResult: "success" | "failure" | "cancelled" | "skipped";
  /** Commit that the report must be about. */
  readonly head: string;
}

/** A report as it is told, and why it is not a plan against the account. */
export interface PublishedReport {
  readonly report: PreviewReport;
  readonly refusals: readonly Refusal[];
}

/**
 * The report to tell a pull request. What the pull request made itself is told only as its own rehearsal, and never passes
 * for a plan: where the planning job ran and left no report, that is said, and fails the check.
 *
 * @throws {CommandError} with exit code 2 when there is none, or the rehearsal says that it is something else
 */
export function publishedReport({ planned, rehearsed, planResult, head }: ReportSources): PublishedReport {
  const plan = join(planned, "report.json");
  if (planResult !== "skipped" && existsSync(plan)) return { report: readUntrustedReport(plan, head), refusals: [] };
  const file = join(rehearsed, "report.json");
  const report = readUntrustedReport(file, head);
  if (report.mode !== "rehearsed" || report.stacks.some(({ mode }) => mode !== "rehearsed"))
    throw new CommandError(
      `The report ${file} is not taken: it says that it was planned against the account, and nothing of a pull request is.`,
      2,
    );
  if (planResult === "skipped") return { report, refusals: [] };
  const refused = join(planned, "refused.json");
  return { report, refusals: existsSync(refused) ? readRefusals(refused) : [NOT_PLANNED] };
}

/** Stands for whatever ended the planning job. */
const NOT_PLANNED: Refusal = {
  stack: "all stacks",
  path: "the plan",
  reason: "was not made: the job that plans against the account failed, and its log says why",
  exception: undefined,
};
