import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Command, Option } from "commander";
import { CommandError } from "../config/command-error";
import type { Mode } from "../preview/plans/outcome";
import { preview } from "../preview/preview";
import { readUntrustedReport } from "../preview/github/untrusted-report";
import { exportPrograms, importPrograms, previewFolder, realPair, synthesizePairs, type ExportedPair } from "../preview/programs";
import { renderHtml } from "../preview/render/html";
import { renderMarkdown } from "../preview/render/markdown";
import { renderTerminal } from "../preview/render/terminal";
import type { PreviewReport } from "../preview/report/model";
import { reviewKey } from "../preview/review-key";
import { baseRevision, headRevision } from "../preview/revisions";
import { takeLock } from "../rehearsal/lock";
import { ProgramsRefused } from "../preview/untrusted/refused";
import { Interrupts } from "../terraform/interrupts";
import { requireTerraform } from "../terraform/terraform-binary";
import { positive } from "./arguments";
import { toTerminal } from "./progress";
import { findRoot } from "./root";

/** GitHub refuses longer summaries of a job, in bytes. */
const SUMMARY_LIMIT = 1_000_000;

/** Most refusals that are handed on. */
const MOST_REFUSALS = 200;

/** What the command line asks of a preview. */
export interface PreviewCommandOptions {
  readonly base?: string;
  readonly mode: Mode | "auto";
  readonly parallel: number;
  readonly guard?: boolean;
  readonly json?: boolean;
  /** Commit that the programs of another job were synthesized from. */
  readonly head?: string;
  /** Folder with the head's programs, which another job synthesized. */
  readonly programs?: string;
  /** Folder with the base's programs, which another job synthesized from the base's own commit. */
  readonly basePrograms?: string;
  /** Reports that the plan is held to afterwards. */
  readonly reviewed?: readonly string[];
  /** Folder to put the programs of one revision into for another job, instead of planning them. */
  readonly synthOnly?: string;
  /** Revision that is put there. */
  readonly at?: string;
}

/** `drydock preview`: what a change does, before it is merged. */
export function previewCommand(): Command {
  return new Command("preview")
    .description("plan what differs from a base revision: deletes, replaces and their causes first")
    .option("--base <revision>", "what to compare with; by default where this branch left origin/HEAD or main")
    .addOption(
      new Option(
        "--mode <mode>",
        "plan over real state, or over the base applied to the stand-in; auto is real where there are credentials",
      )
        .choices(["auto", "real", "rehearsed"])
        .default("auto"),
    )
    .option("--parallel <n>", "most stacks at once", positive, 2)
    .option("--guard", "exit with 3 when a stateful resource is deleted or replaced and allowed-changes.json does not allow it")
    .option("--json", "print the report for scripts")
    .option("--synth-only <folder>", "only synthesize the checkout, for a job that has credentials and runs none of this code")
    .option("--at <revision>", "synthesize this revision instead, with --synth-only")
    .option("--programs <folder>", "plan what another job synthesized with --synth-only; only what the base allows is planned")
    .option("--base-programs <folder>", "the base's programs, made with --synth-only --at; by default synthesized here from its own commit")
    .option("--head <commit>", "commit that those programs are of")
    .option("--reviewed <report...>", "note how reviewed changes stand that this plan no longer has, for drydock deploy check")
    .action(async (options: PreviewCommandOptions) => {
      const root = findRoot();
      if (options.synthOnly !== undefined) {
        const revision = options.at === undefined ? undefined : await baseRevision(root, options.at);
        const release = takeLock(join(previewFolder(root), "lock"), "A preview");
        try {
          await exportPrograms(root, revision, resolve(options.synthOnly));
        } finally {
          release();
        }
        process.stdout.write(`Wrote the programs of ${revision?.name ?? "the checkout"} to ${options.synthOnly}\n`);
        return;
      }
      const report = await runPreview(root, options).catch((error: unknown) => {
        if (options.programs !== undefined && error instanceof CommandError) writeRefusals(root, error);
        throw error;
      });
      const files = writeReport(root, report);
      process.stdout.write(
        options.json
          ? `${JSON.stringify(report, null, 2)}\n`
          : `${renderTerminal(report)}\nReport: ${relative(process.cwd(), files.html)}\n`,
      );
      process.exitCode = exitCodeOf(report, options.guard ?? false);
    });
}

/**
 * Compares the checkout with a base revision. One preview at a time runs in a checkout.
 * @throws {CommandError} when base or head cannot be synthesized
 */
export async function runPreview(root: string, options: PreviewCommandOptions): Promise<PreviewReport> {
  const at = new Date();
  const terraform = await requireTerraform();
  const [base, head] = await Promise.all([baseRevision(root, options.base), headRevision(root)]);
  const mode = options.mode === "auto" ? (hasCredentials() ? "real" : "rehearsed") : options.mode;
  const interrupts = new Interrupts();
  const release = takeLock(join(previewFolder(root), "lock"), "A preview");
  try {
    return await interrupts.during(async () => {
      if (options.programs === undefined) {
        toTerminal(`synthesizing ${base.name} and the checkout`);
        await synthesizePairs({ root, base, real: mode === "real" });
      } else await importPrograms(root, base, exportedPair(options.programs, options.basePrograms));
      const key = mode === "real" ? await reviewKey(realPair(root).base) : undefined;
      const { commit, dirty } = options.programs === undefined ? head : { commit: options.head ?? "", dirty: false };
      const report = await preview({
        root,
        mode,
        base,
        head: { commit, dirty },
        terraform,
        at,
        parallel: options.parallel,
        interrupts,
        onProgress: toTerminal,
        ...(key === undefined ? {} : { key }),
        ...(options.reviewed === undefined ? {} : { reviewed: options.reviewed.map((file) => readUntrustedReport(file)) }),
      });
      if (interrupts.stopping) throw new CommandError("Interrupted; nothing is left running, and no report was written.", 130);
      return report;
    });
  } finally {
    release();
  }
}

/** Folders that other jobs synthesized to. */
export function exportedPair(head: string, base: string | undefined): ExportedPair {
  return { head: resolve(head), ...(base === undefined ? {} : { base: resolve(base) }) };
}

/** For the job that tells the pull request about it: whatever keeps its programs from being planned. */
function writeRefusals(root: string, error: CommandError): void {
  const folder = previewFolder(root);
  const refusals =
    error instanceof ProgramsRefused ? error.refusals : [{ stack: "all stacks", path: "the programs", reason: error.message }];
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "refused.json"), `${JSON.stringify(refusals.slice(0, MOST_REFUSALS), null, 2)}\n`);
}

/** Guarded before failed: what the guard found is certain, whatever else failed. */
export function exitCodeOf({ guard, stacks }: PreviewReport, guarded: boolean): 0 | 1 | 3 {
  if (guarded && guard.violations.length > 0) return 3;
  return stacks.some(({ status }) => status === "failed") ? 1 : 0;
}

/** Writes the report in every form beside the other output of previews. */
export function writeReport(
  root: string,
  report: PreviewReport,
): { readonly html: string; readonly markdown: string; readonly json: string } {
  const folder = previewFolder(root);
  mkdirSync(folder, { recursive: true });
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const { GITHUB_STEP_SUMMARY: summary } = process.env;
  if (summary !== undefined && summary !== "") appendFileSync(summary, renderMarkdown(report, { limit: SUMMARY_LIMIT }));
  return {
    html: file("report.html", renderHtml(report)),
    markdown: file("report.md", renderMarkdown(report)),
    json: file("report.json", `${JSON.stringify(report, null, 2)}\n`),
  };
}

function hasCredentials(): boolean {
  return ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"].some(
    (name) => (process.env[name] ?? "") !== "",
  );
}
