import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Cluster, Fleet } from "../config/fleet";
import { pinnedVersions } from "../config/versions";
import { CommandError } from "../config/command-error";
import type { Interrupts } from "../terraform/interrupts";
import { orphanedStacks } from "../terraform/kept-program";
import { isEmpty, sumCounts, type ChangeCounts } from "../terraform/plan-json";
import { protectedAddresses, readProgram, upstreamClosure, type ProgramStack } from "../terraform/program";
import type { StackResult } from "../terraform/schedule";
import { synthesize } from "../terraform/synthesize";
import { differences, fingerprint, type Fingerprint } from "./fingerprint";
import { lookInside, type KubernetesReport } from "./inside-clusters";
import { NO_TIME, predictStacks, type Prediction } from "./prediction";
import { label } from "./provider/refusals";
import { lifeOf, type ClusterState, type Step } from "./scenario";
import { StackRuns, type OnProgress, type StackRun } from "./stack-runs";
import type { StandIn } from "./stand-in";

/** How a step went. */
export interface StepReport {
  readonly id: Step["id"];
  readonly title: string;
  readonly ok: boolean;
  /** What went wrong, in sentences; empty when nothing did. */
  readonly problems: readonly string[];
  readonly counts: ChangeCounts;
  readonly wallSeconds: number;
  readonly prediction: Prediction;
  readonly stacks: readonly StackReport[];
  /** What was found inside of Kubernetes; undefined when clusters were played. */
  readonly kubernetes?: KubernetesReport;
}

/** How a stack went within a step. */
export interface StackReport {
  readonly name: string;
  readonly status: StackResult<StackRun>["status"];
  readonly counts: ChangeCounts;
  /** Seconds after the step's beginning. */
  readonly startedAt: number;
  readonly seconds: number;
  readonly prediction: Prediction;
}

/** Options of {@link LifeCycle}. */
export interface LifeCycleOptions {
  readonly root: string;
  readonly cluster: Cluster;
  readonly standIn: StandIn;
  readonly parallel: number;
  readonly interrupts: Interrupts;
}

/** Terraform's words for what `prevent_destroy` refuses. */
const REFUSAL = "Instance cannot be destroyed";

const NOTHING: ChangeCounts = { create: 0, update: 0, replace: 0, delete: 0 };

/** Rehearses the life of one cluster, step by step. */
export class LifeCycle {
  readonly steps: readonly Step[];
  readonly runs: StackRuns;
  private created: Fingerprint | undefined;

  constructor(private readonly options: LifeCycleOptions) {
    this.steps = lifeOf(options.cluster, pinnedVersions);
    this.runs = new StackRuns(options.standIn, options.parallel, options.interrupts);
  }

  /** Attributes that the fingerprint leaves out; known once something was created. */
  get excluded(): readonly string[] {
    return this.created?.excluded ?? [];
  }

  /** Fingerprint of what was created first; undefined before. */
  get fingerprint(): string | undefined {
    return this.created?.hash;
  }

  /** Runs one step. Problems are in the report; only a program that does not synthesize is an error. */
  async run(step: Step, onProgress: OnProgress): Promise<StepReport> {
    const started = performance.now();
    onProgress("synthesizing");
    const stacks = await this.program(step.action.state);
    const terraform = await this.outcomeOf(step, stacks, onProgress);
    const inside = await lookInside(this.options.standIn, step, terraform.problems.length === 0 && !this.options.interrupts.stopping);
    const outcome = { ...terraform, problems: [...terraform.problems, ...inside.problems] };
    return {
      ...outcome,
      kubernetes: inside.report,
      id: step.id,
      title: step.title,
      ok: outcome.problems.length === 0,
      wallSeconds: (performance.now() - started) / 1000,
    };
  }

  /** The cluster's stacks, and those they depend on, as the fleet declares them in a state. */
  async program(state: ClusterState): Promise<readonly ProgramStack[]> {
    const { root, cluster, standIn } = this.options;
    const outdir = join(standIn.folder, "cdktf.out");
    await synthesize({ root, outdir, overrides: { localState: standIn.stateFolder, fleetState: { [cluster.name]: state } } });
    const all = readProgram(outdir);
    await standIn.prepare(all);
    const own = all.filter((stack) => belongsTo(stack, cluster.name)).map(({ name }) => name);
    return upstreamClosure(all, new Set(own));
  }

  private async outcomeOf(
    { id, action }: Step,
    stacks: readonly ProgramStack[],
    onProgress: OnProgress,
  ): Promise<Pick<StepReport, "problems" | "counts" | "prediction" | "stacks">> {
    switch (action.kind) {
      case "refuse":
        return this.refusal(stacks, onProgress);
      case "destroy": {
        const results = await this.runs.destroy(stacks, onProgress);
        return { ...summary(results, stacks, "dependants-first"), problems: [...failures(results), ...this.leftBehind()] };
      }
      case "apply": {
        const results = await this.runs.apply(stacks, onProgress);
        const orphans = orphanedStacks(this.options.standIn.stateFolder, join(this.options.standIn.folder, "cdktf.out"), stacks);
        const removed =
          failures(results).length === 0 ? await this.runs.destroy(orphans, onProgress) : new Map<string, StackResult<StackRun>>();
        const failed = [...failures(results), ...failures(removed)];
        const again = failed.length === 0 ? await this.runs.planAgain(stacks, onProgress) : new Map<string, StackResult<StackRun>>();
        const both = summary(new Map([...results, ...removed]), [...stacks, ...orphans], "dependencies-first");
        return {
          ...both,
          problems: [...failed, ...notEmpty(again), ...failures(again), ...(failed.length === 0 ? this.compare(id, stacks) : [])],
        };
      }
    }
  }

  /** Remembers what was created, and compares what was brought back with it. */
  private compare(id: Step["id"], stacks: readonly ProgramStack[]): string[] {
    if (id !== "create" && id !== "return") return [];
    const present = this.fingerprintOf(stacks);
    this.created ??= present;
    const different = differences(this.created, present);
    return different.map((address) => `${address} came back different`);
  }

  /** Fingerprint of stacks as they stand. */
  fingerprintOf(stacks: readonly ProgramStack[]): Fingerprint {
    return fingerprint(new Map(stacks.map(({ name }) => [name, this.runs.state(name)])), this.options.standIn.facts);
  }

  private async refusal(
    stacks: readonly ProgramStack[],
    onProgress: OnProgress,
  ): Promise<Pick<StepReport, "problems" | "counts" | "prediction" | "stacks">> {
    const objects = this.options.standIn.world.all().length;
    const guarded = stacks.filter((stack) => protectedAddresses(stack).size > 0).map(({ name }) => name);
    const results = await this.runs.destroy(stacks, onProgress);
    const went = [...results]
      .filter(([, result]) => result.status === "done")
      .map(([name]) => `${name} was destroyed although the cluster is protected`);
    const otherwise = guarded.flatMap((name) => {
      const result = results.get(name);
      return result?.status === "failed" && !result.error.message.includes(REFUSAL)
        ? [`${name} failed, but not because it is protected: ${result.error.message}`]
        : [];
    });
    const lost = objects - this.options.standIn.world.all().length;
    const problems = [
      ...(guarded.length === 0 ? ["the cluster is protected, and nothing in its programs refuses to be destroyed"] : []),
      ...went,
      ...otherwise,
      ...(lost > 0 ? [`${lost} objects were deleted before the refusal`] : []),
    ];
    return { ...summary(new Map(), [], "dependants-first"), problems };
  }

  private leftBehind(): string[] {
    return this.options.standIn.world.all().map((object) => {
      const tags = object.attributes["tags_all"] as Readonly<Record<string, string>> | null | undefined;
      return `${label(object)} is left; it belongs to ${tags?.["drydock:construct"] ?? object.stack}`;
    });
  }
}

/**
 * Reads the fleet that a synthesis resolved.
 * @throws {CommandError} when a named cluster is not in it
 */
export function clustersOf(outdir: string, names: readonly string[]): readonly Cluster[] {
  const { clusters } = JSON.parse(readFileSync(join(outdir, "fleet.json"), "utf8")) as Fleet;
  const unknown = names.find((name) => !clusters.some((cluster) => cluster.name === name));
  if (unknown !== undefined)
    throw new CommandError(`The fleet has no cluster "${unknown}"; it has ${clusters.map(({ name }) => name).join(", ")}.`, 2);
  return names.length === 0 ? clusters : clusters.filter(({ name }) => names.includes(name));
}

/** Whether a stack is one of a cluster's. */
export function belongsTo({ name }: Pick<ProgramStack, "name">, cluster: string): boolean {
  return ["data", "network", "traffic", "blue-cluster", "green-cluster", "blue-platform", "green-platform"].some(
    (part) => name === `${cluster}-${part}`,
  );
}

function failures(results: ReadonlyMap<string, StackResult<unknown>>): string[] {
  return [...results].flatMap(([name, result]) =>
    result.status === "failed" ? [result.error.message] : result.status === "skipped" ? [`${name} was left out: ${result.because}`] : [],
  );
}

function notEmpty(results: ReadonlyMap<string, StackResult<StackRun>>): string[] {
  return [...results].flatMap(([name, result]) =>
    result.status === "done" && !isEmpty(result.result.counts)
      ? [`${name}: the second plan is not empty: ${result.result.changes.map(({ address, kind }) => `${kind} ${address}`).join(", ")}`]
      : [],
  );
}

function summary(
  results: ReadonlyMap<string, StackResult<StackRun>>,
  stacks: readonly ProgramStack[],
  direction: "dependencies-first" | "dependants-first",
): Pick<StepReport, "counts" | "prediction" | "stacks"> {
  const reports = [...results].map(([name, result]): StackReport => ({
    name,
    status: result.status,
    counts: result.status === "done" ? result.result.counts : NOTHING,
    startedAt: result.status === "skipped" ? 0 : result.startedAt,
    seconds: result.status === "skipped" ? 0 : result.seconds,
    prediction: result.status === "done" ? result.result.prediction : NO_TIME,
  }));
  const waitsFor = new Map(
    stacks.map(({ name, dependencies }) => [
      name,
      direction === "dependencies-first"
        ? dependencies
        : stacks.filter((other) => other.dependencies.includes(name)).map((other) => other.name),
    ]),
  );
  return {
    counts: sumCounts(reports.map(({ counts }) => counts)),
    prediction: predictStacks(new Map(reports.map(({ name, prediction }) => [name, prediction])), waitsFor),
    stacks: reports,
  };
}
