import { join } from "node:path";
import { Command } from "commander";
import { takeLock } from "../rehearsal/lock";
import { label } from "../rehearsal/provider/refusals";
import { recover } from "../rehearsal/recover";
import { StackRuns } from "../rehearsal/stack-runs";
import { startStandIn } from "../rehearsal/stand-in";
import { readProgram } from "../terraform/program";
import { synthesize } from "../terraform/synthesize";
import { requireTerraform } from "../terraform/terraform-binary";
import { findRoot } from "./root";

/** `drydock recover`: mend what a killed Terraform left behind. */
export function recoverCommand(): Command {
  return new Command("recover")
    .description("after a killed Terraform under the stand-in: remove stale locks, import what exists and no state knows")
    .option("--json", "print what was done for scripts")
    .action(async (options: { json?: boolean }) => {
      await requireTerraform();
      const root = findRoot();
      const release = takeLock(join(root, ".drydock", "stand-in.lock"), "A stand-in");
      const standIn = await startStandIn(root, join(root, ".drydock", "stand-in"));
      try {
        const outdir = join(standIn.folder, "cdktf.out");
        await synthesize({ root, outdir, overrides: { localState: standIn.stateFolder } });
        const progress = (text: string): void => {
          if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
        };
        const { unlocked, imported, unclaimed } = await recover(standIn, new StackRuns(standIn, 1), readProgram(outdir), progress);
        if (options.json) {
          process.stdout.write(`${JSON.stringify({ unlocked, imported, unclaimed }, null, 2)}\n`);
          return;
        }
        const lines = [
          ...unlocked.map((stack) => `unlocked ${stack}`),
          ...imported.map(({ stack, address, id }) => `imported ${stack}/${address} (${id})`),
          ...unclaimed.map((object) => `!! ${label(object)} of ${object.stack} exists, and nothing declares it`),
        ];
        process.stdout.write(
          lines.length > 0
            ? `${lines.join("\n")}\n`
            : "There is nothing to recover: every object is known to a state, and nothing is locked.\n",
        );
      } finally {
        standIn.stop();
        release();
      }
    });
}
