import { rmSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { CommandError } from "../config/command-error";
import { findDrift } from "../preview/drift/drift";
import type { DriftReport } from "../preview/drift/model";
import { renderDrift } from "../preview/render/drift-terminal";
import { headRevision } from "../preview/revisions";
import { belongsTo, clustersOf } from "../rehearsal/life-cycle";
import { takeLock } from "../rehearsal/lock";
import { Interrupts } from "../terraform/interrupts";
import { fleetName } from "../terraform/fleet-name";
import { readProgram } from "../terraform/program";
import { synthesize } from "../terraform/synthesize";
import { requireTerraform } from "../terraform/terraform-binary";
import { toTerminal } from "./progress";
import { findRoot } from "./root";

interface DriftCommandOptions {
  readonly json?: boolean;
}

const PARALLEL = 2;

/** `drydock drift`: what runs and is not what the code says. */
export function driftCommand(): Command {
  return new Command("drift")
    .description("compare the account with the code: what was changed outside, and what is in the code and not applied")
    .argument("[cluster]", "whose stacks; all by default")
    .option("--json", "print the report for scripts")
    .action(async (cluster: string | undefined, options: DriftCommandOptions) => {
      const report = await runDrift(findRoot(), cluster);
      process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : renderDrift(report));
      process.exitCode = exitCodeOf(report);
    });
}

/** What was merged and never applied is worse than what someone changed: nobody else will say so. */
function exitCodeOf({ stacks }: DriftReport): 0 | 1 | 3 {
  if (stacks.some(({ status }) => status === "failed")) return 1;
  return stacks.some(({ unapplied }) => unapplied.length > 0) ? 3 : 0;
}

/**
 * Compares stacks with the account, holding no lock and changing nothing.
 * @param cluster whose stacks; all when undefined
 * @throws {CommandError} when there is no such cluster
 */
export async function runDrift(root: string, cluster: string | undefined): Promise<DriftReport> {
  const at = new Date();
  const terraform = await requireTerraform();
  const interrupts = new Interrupts();
  const folder = join(root, ".drydock", "drift");
  const release = takeLock(join(root, ".drydock", "drift.lock"), "A comparison");
  try {
    const outdir = join(folder, "fleet");
    rmSync(outdir, { recursive: true, force: true });
    await synthesize({ root, outdir });
    const [named] = cluster === undefined ? [] : clustersOf(outdir, [cluster]);
    const stacks = readProgram(outdir).filter((stack) => named === undefined || belongsTo(stack, named.name));
    const found = await findDrift({ root, stacks, folder, parallel: PARALLEL, interrupts, onProgress: toTerminal });
    if (interrupts.stopping) throw new CommandError("Interrupted; nothing is left running.", 130);
    const { commit } = await headRevision(root);
    return {
      version: 1,
      at: at.toISOString(),
      terraform,
      commit,
      fleet: fleetName(stacks),
      whole: named === undefined,
      stacks: [...found],
    };
  } finally {
    release();
  }
}
