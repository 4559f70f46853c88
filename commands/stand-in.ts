import { join, relative } from "node:path";
import { Command } from "commander";
import { takeLock } from "../rehearsal/lock";
import { startStandIn } from "../rehearsal/stand-in";
import { runUnderStandIn } from "../rehearsal/stand-in-command";
import { requireTerraform } from "../terraform/terraform-binary";
import { toTerminal } from "./progress";
import { findRoot } from "./root";

/** `drydock stand-in -- <command>`: any command, with the stand-in where AWS would be. */
export function standInCommand(): Command {
  return new Command("stand-in")
    .description("run a command, such as npx cdktf deploy '*', with the stand-in where AWS would be")
    .argument("<command...>", "the command and its arguments, after --")
    .option("--kubernetes", "run releases for real, on Kubernetes APIs that are started again with the next command")
    .action(async (command: string[], options: { kubernetes?: boolean }) => {
      await requireTerraform();
      const root = findRoot();
      const folder = join(root, ".drydock", "stand-in");
      const release = takeLock(join(root, ".drydock", "stand-in.lock"), "A stand-in");
      try {
        await underStandIn(root, folder, command, options.kubernetes === true);
      } finally {
        release();
      }
    });
}

async function underStandIn(root: string, folder: string, command: readonly string[], kubernetes: boolean): Promise<void> {
  const standIn = await startStandIn(root, folder, { kubernetes: kubernetes ? "kept" : undefined, onProgress: toTerminal });
  try {
    process.stderr.write(`AWS is the stand-in; its world, state and programs are in ${relative(process.cwd(), folder) || "."}.\n`);
    process.exitCode = await runUnderStandIn(root, standIn, command);
  } finally {
    await standIn.kubernetes?.stop();
    standIn.stop();
  }
}
