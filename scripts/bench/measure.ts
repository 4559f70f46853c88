import { join } from "node:path";
import { execaNode } from "execa";

/** What one run of a measured process showed. */
export interface Measurement {
  /** Whole process, Node's start included. */
  readonly seconds: number;
  readonly maxRssMb: number;
  readonly stacks: number;
  readonly resources: number;
}

/** Runs a measured script once, in a process of its own. */
export async function run(script: string, args: readonly (string | number)[]): Promise<Measurement> {
  const started = performance.now();
  const child = execaNode(join("bin", "run.cjs"), [script, ...args.map(String)], { ipc: true, serialization: "json" });
  const message = (await child.getOneMessage()) as Omit<Measurement, "seconds">;
  await child;
  return { ...message, seconds: (performance.now() - started) / 1000 };
}

/** The median of several runs by wall time: machines are noisy. */
export async function median(times: number, once: () => Promise<Measurement>): Promise<Measurement> {
  const runs: Measurement[] = [];
  for (let index = 0; index < times; index += 1) runs.push(await once());
  runs.sort((a, b) => a.seconds - b.seconds);
  const [middle] = runs.slice(Math.floor(runs.length / 2));
  if (!middle) throw new Error("A measurement needs at least one run.");
  return middle;
}
