import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { rehearse } from "../../commands/rehearse";
import { StackRuns } from "../../rehearsal/stack-runs";
import { startStandIn, type StandIn } from "../../rehearsal/stand-in";
import { readProgram } from "../../terraform/program";
import { synthesize } from "../../terraform/synthesize";
import { run } from "./measure";

const root = process.cwd();

/** What real Terraform with the stand-in costs. */
export async function benchRehearsal(): Promise<void> {
  process.stdout.write("Rehearsal\n");
  const started = performance.now();
  const report = await rehearse(root, ["playground"], { parallel: 2, seed: "bench", json: true });
  print("one cluster's whole life cycle (goal 60 s)", `${since(started)} s, ${report.ok ? "passed" : "FAILED"}`);
  await inFolder(benchPlan);
  await inFolder(benchManyResources);
  await benchManyClusters();
}

async function benchPlan(standIn: StandIn, folder: string): Promise<void> {
  const outdir = join(folder, "cdktf.out");
  await synthesize({
    root,
    outdir,
    overrides: { localState: standIn.stateFolder, fleetState: { playground: { colours: { blue: { kubernetes: "1.36", weight: 100 } } } } },
  });
  const stacks = readProgram(outdir).filter(({ name }) => name === "foundation" || name.startsWith("playground"));
  await new StackRuns(standIn, 2).apply(stacks, () => undefined);
  const [largest] = [...stacks].sort((a, b) => b.resources.length - a.resources.length);
  if (!largest) return;
  const times = [];
  for (let run = 0; run < 5; run += 1) {
    const started = performance.now();
    await terraform(standIn, largest.directory, ["plan", "-input=false"]);
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  print(
    `plan of ${largest.name}, ${largest.resources.length} resources, median of 5 (goal 0.6 s)`,
    `${((times[2] ?? 0) / 1000).toFixed(2)} s`,
  );
}

async function benchManyResources(standIn: StandIn, folder: string): Promise<void> {
  const directory = join(folder, "many");
  mkdirSync(directory, { recursive: true });
  const groups = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`g${index}`, { name: `group-${index}` }]));
  writeFileSync(
    join(directory, "main.tf.json"),
    JSON.stringify({
      terraform: { required_providers: { aws: { source: "aws" } } },
      provider: { aws: [{ region: "eu-west-1" }] },
      resource: { aws_cloudwatch_log_group: groups },
    }),
  );
  await terraform(standIn, directory, ["init"]);
  const times = [];
  for (let run = 0; run < 3; run += 1) {
    await terraform(standIn, directory, ["plan", "-out=plan"]);
    const started = performance.now();
    const before = process.cpuUsage();
    await terraform(standIn, directory, ["apply", "plan"]);
    const { user, system } = process.cpuUsage(before);
    times.push({ seconds: (performance.now() - started) / 1000, own: (user + system) / 1e6 });
    await terraform(standIn, directory, ["apply", "-destroy", "-auto-approve"]);
  }
  times.sort((a, b) => a.seconds - b.seconds);
  const [, middle] = times;
  // Terraform writes its whole state after each resource: most of the time is its own.
  print(
    "500 resources of one type created, median of 3 (goal 4 s)",
    `${middle?.seconds.toFixed(1) ?? ""} s, ${middle?.own.toFixed(1) ?? ""} s of it in the stand-in`,
  );
}

/** Twenty clusters applied for real, in a process of its own so that nothing else counts. */
async function benchManyClusters(): Promise<void> {
  const { maxRssMb, resources, seconds } = await run("scripts/bench/twenty-clusters.ts", []);
  print(
    "stand-in and runner with 20 clusters applied, whole process (goal 250 MB)",
    `${maxRssMb.toFixed(0)} MB, ${resources} objects in ${seconds.toFixed(0)} s`,
  );
}

async function inFolder(work: (standIn: StandIn, folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "drydock-bench-"));
  const standIn = await startStandIn(root, folder);
  try {
    await work(standIn, folder);
  } finally {
    standIn.stop();
    rmSync(folder, { recursive: true });
  }
}

async function terraform(standIn: StandIn, cwd: string, args: readonly string[]): Promise<void> {
  await execa("terraform", args, { cwd, env: { ...standIn.env, CHECKPOINT_DISABLE: "1" }, stdin: "ignore" });
}

function since(started: number): string {
  return ((performance.now() - started) / 1000).toFixed(1);
}

function print(what: string, figure: string): void {
  process.stdout.write(`  ${what.padEnd(82)} ${figure}\n`);
}
