import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, it } from "vitest";
import { recover } from "../../rehearsal/recover";
import { StackRuns } from "../../rehearsal/stack-runs";
import { startStandIn, type StandIn } from "../../rehearsal/stand-in";
import { readProgram, type ProgramStack } from "../../terraform/program";
import { synthesize } from "../../terraform/synthesize";
import { copyCheckout } from "../support/checkout";
import { SMALL_FLEET } from "../support/drydock";

let checkout = "";
let folder = "";
let standIn: StandIn;
let stacks: readonly ProgramStack[];

beforeEach(async () => {
  checkout = copyCheckout();
  folder = mkdtempSync(join(tmpdir(), "drydock-recover-"));
  writeFileSync(join(checkout, "fleet.ts"), SMALL_FLEET);
  const outdir = join(folder, "cdktf.out");
  standIn = await startStandIn(checkout, folder);
  await synthesize({
    root: checkout,
    outdir,
    overrides: { localState: standIn.stateFolder, fleetState: { dev: { colours: { blue: { kubernetes: "1.36", weight: 100 } } } } },
  });
  stacks = readProgram(outdir).filter(({ name }) => name === "foundation" || name === "dev-network");
});

afterEach(() => {
  standIn.stop();
  rmSync(checkout, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

const only = (name: string) => stacks.filter((stack) => stack.name === name);

/** Applies a stack and kills Terraform, with everything it started, once some objects exist. */
async function killDuring(stack: ProgramStack, objects: number): Promise<void> {
  const workspace = new StackRuns(standIn, 1).workspace(stack);
  await workspace.init();
  const child = execa("terraform", ["apply", "-auto-approve", "-input=false", "-parallelism=1"], {
    cwd: stack.directory,
    env: { ...standIn.env, CHECKPOINT_DISABLE: "1" },
    detached: true,
    reject: false,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const before = standIn.world.all().length;
  while (standIn.world.all().length < before + objects && child.exitCode === null) await new Promise((resolve) => setImmediate(resolve));
  if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  const result = await child;
  expect(result.signal).toBe("SIGKILL");
}

it.each([3, 9, 16])(
  "a Terraform killed after %i objects: what exists is imported, and the next run converges with nothing doubled",
  async (objects) => {
    const runs = new StackRuns(standIn, 1);
    await runs.apply(only("foundation"), () => undefined);
    const others = standIn.world.all().length;
    for (const stack of only("dev-network")) await killDuring(stack, objects);
    const made = standIn.world.all().length - others;
    expect(made).toBeGreaterThanOrEqual(objects);
    const known = runs.state("dev-network")?.resources.length ?? 0;

    const { imported, unclaimed } = await recover(standIn, runs, stacks, () => undefined);
    expect(imported.length).toBe(made - known);
    expect(unclaimed).toEqual([]);
    expect(readdirSync(standIn.stateFolder).filter((file) => file.endsWith(".lock.info"))).toEqual([]);

    const applied = await runs.apply(stacks, () => undefined);
    expect([...applied.values()].map(({ status }) => status)).toEqual(["done", "done"]);
    expect(standIn.world.all().length - others).toBe(only("dev-network")[0]?.resources.length);
    const again = await runs.planAgain(stacks, () => undefined);
    expect([...again.values()].map((result) => (result.status === "done" ? result.result.changes : result))).toEqual([[], []]);
  },
  120_000,
);

it("a stale lock is removed, and one whose holder lives is not", async () => {
  const runs = new StackRuns(standIn, 1);
  const lock = join(standIn.stateFolder, ".foundation.tfstate.lock.info");
  writeFileSync(lock, "{}");
  expect((await recover(standIn, runs, stacks, () => undefined)).unlocked).toEqual(["foundation"]);
  expect(existsSync(lock)).toBe(false);

  writeFileSync(lock, "{}");
  const { mkdirSync } = await import("node:fs");
  mkdirSync(join(folder, "running"));
  writeFileSync(join(folder, "running", "foundation"), String(process.pid));
  await expect(recover(standIn, runs, stacks, () => undefined)).rejects.toThrow("Terraform still runs on foundation");
  expect(existsSync(lock)).toBe(true);
});
