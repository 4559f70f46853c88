import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaNode } from "execa";
import { StackRuns } from "../../rehearsal/stack-runs";
import { startStandIn } from "../../rehearsal/stand-in";
import { readProgram } from "../../terraform/program";

// One measured process: twenty clusters applied to a stand-in; their synthesis is another process.
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "drydock-bench-"));
  const standIn = await startStandIn(process.cwd(), folder);
  const outdir = join(folder, "cdktf.out");
  await execaNode(join("bin", "run.cjs"), ["scripts/bench/write-fleet.ts", outdir, standIn.stateFolder, "20"]);
  const stacks = readProgram(outdir);
  const results = await new StackRuns(standIn, 2).apply(stacks, () => undefined);
  const failed = [...results.values()].find((result) => result.status === "failed");
  if (failed) throw failed.error;
  process.send?.({ maxRssMb: process.resourceUsage().maxRSS / 1024, stacks: stacks.length, resources: standIn.world.all().length });
  standIn.stop();
  rmSync(folder, { recursive: true });
}

void main();
