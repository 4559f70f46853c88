import { join } from "node:path";
import { Command } from "commander";
import { takeLock } from "../rehearsal/lock";
import { label } from "../rehearsal/provider/refusals";
import { recover, type Recovery } from "../rehearsal/recover";
import { StackRuns } from "../rehearsal/stack-runs";
import { startStandIn } from "../rehearsal/stand-in";
import { readProgram } from "../terraform/program";
import { synthesize } from "../terraform/synthesize";
import { requireTerraform } from "../terraform/terraform-binary";
import { toTerminal } from "./progress";
import { findRoot } from "./root";

interface RecoverOptions {
  readonly json?: boolean;
  /** Starts the clusters' APIs again, and mends their releases. */
  readonly kubernetes?: boolean;
}

/** `drydock recover`: mend what a killed Terraform left behind. */
export function recoverCommand(): Command {
  return new Command("recover")
    .description("after a killed Terraform under the stand-in: remove stale locks, import what exists and no state knows")
    .option("--kubernetes", "start the clusters' Kubernetes APIs again, and mend releases that a killed Helm left pending")
    .option("--json", "print what was done for scripts")
    .action(async (options: RecoverOptions) => {
      await requireTerraform();
      const root = findRoot();
      const release = takeLock(join(root, ".drydock", "stand-in.lock"), "A stand-in");
      try {
        const recovery = await recoverStandIn(root, options);
        process.stdout.write(options.json ? `${JSON.stringify(recovery, null, 2)}\n` : `${linesOf(recovery).join("\n")}\n`);
      } finally {
        release();
      }
    });
}

async function recoverStandIn(root: string, { kubernetes }: RecoverOptions): Promise<Recovery> {
  const standIn = await startStandIn(root, join(root, ".drydock", "stand-in"), {
    kubernetes: kubernetes ? "kept" : undefined,
    onProgress: toTerminal,
  });
  try {
    const outdir = join(standIn.folder, "cdktf.out");
    await synthesize({ root, outdir, overrides: { localState: standIn.stateFolder } });
    return await recover(standIn, new StackRuns(standIn, 1), readProgram(outdir), toTerminal);
  } finally {
    await standIn.kubernetes?.stop();
    standIn.stop();
  }
}

function linesOf({ unlocked, imported, releases, unclaimed }: Recovery): readonly string[] {
  const lines = [
    ...unlocked.map((stack) => `unlocked ${stack}`),
    ...imported.map(({ stack, address, id }) => `imported ${stack}/${address} (${id})`),
    ...releases.map(({ cluster, namespace, name, was, revision }) => {
      const now = revision === undefined ? "what was made of it is gone" : `it is back at revision ${revision}`;
      return `mended the release ${namespace}/${name} of ${cluster}, which was ${was}: ${now}`;
    }),
    ...unclaimed.map((object) => `!! ${label(object)} of ${object.stack} exists, and nothing declares it`),
  ];
  return lines.length > 0 ? lines : ["There is nothing to recover: every object is known to a state, and nothing is locked."];
}
