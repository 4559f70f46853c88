import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Command, Option } from "commander";
import { Listr } from "listr2";
import type { Cluster } from "../config/fleet";
import { clustersOf, LifeCycle, type StepReport } from "../rehearsal/life-cycle";
import { takeLock } from "../rehearsal/lock";
import { FAULT_KINDS, STRIKES, type Fault, type Operation } from "../rehearsal/provider/faults";
import { renderHtml } from "../rehearsal/report/html";
import { reportOf, type ClusterReport, type FaultReport, type RehearsalReport } from "../rehearsal/report/model";
import { renderTerminal } from "../rehearsal/report/terminal";
import type { Step } from "../rehearsal/scenario";
import { faultName, parseFault, stageFaults, type FaultSelection } from "../rehearsal/staged-faults";
import { startStandIn } from "../rehearsal/stand-in";
import { CommandError } from "../config/command-error";
import { installProviders, type InstalledProviders } from "../terraform/installed-providers";
import { Interrupts } from "../terraform/interrupts";
import { synthesize } from "../terraform/synthesize";
import { requireTerraform } from "../terraform/terraform-binary";
import { positive } from "./arguments";
import { toTerminal } from "./progress";
import { findRoot } from "./root";

/** What the command line asks of a rehearsal. */
export interface RehearseOptions {
  readonly parallel: number;
  readonly json?: boolean;
  readonly faults?: true | number;
  readonly seed: string;
  readonly fault?: Fault;
  /** Real Kubernetes APIs where EKS clusters would be. */
  readonly kubernetes?: boolean;
  /** Who applies what is inside of Kubernetes: Drydock in the providers' place, or the published providers. */
  readonly providers?: "played" | "real";
}

/** `drydock rehearse`: a cluster's whole life, with real Terraform and the stand-in where AWS would be. */
export function rehearseCommand(): Command {
  return new Command("rehearse")
    .description("rehearse the life of clusters: create, upgrade, switch, retire, destroy, bring back")
    .argument("[cluster...]", "which clusters; all by default")
    .option("--parallel <n>", "most stacks at once", positive, 2)
    .option("--faults [n]", "stage every fault at every resource in turn, or a random sample of n in each stack", positive)
    .addOption(
      new Option("--seed <text>", "picks the sample; printed with the report").default(new Date().toISOString().slice(0, 10), "today"),
    )
    .option("--fault <fault>", "stage this one fault, as a report prints it, and end with its step", parseFault)
    .option("--kubernetes", "run releases for real, on a Kubernetes API of their own; it is built with Go, once")
    .addOption(
      new Option(
        "--providers <which>",
        "with --kubernetes: who applies releases; real runs the published providers, which Terraform installs",
      )
        .choices(["played", "real"])
        .default("played"),
    )
    .option("--json", "print the report for scripts")
    .action(async (names: string[], options: RehearseOptions) => {
      if (options.kubernetes && (options.faults !== undefined || options.fault !== undefined))
        throw new CommandError("Faults are staged on the stand-in's own memory; leave --kubernetes out, or the faults.", 2);
      if (options.providers === "real" && !options.kubernetes)
        throw new CommandError(
          "The real Helm and Kubernetes providers need an API to work on; add --kubernetes, or leave --providers out.",
          2,
        );
      const root = findRoot();
      const report = await rehearse(root, names, options);
      const file = join(root, ".drydock", "rehearsal", "report.html");
      writeFileSync(file, renderHtml(report));
      process.stdout.write(
        options.json ? `${JSON.stringify(report, null, 2)}\n` : `${renderTerminal(report)}\nReport: ${relative(process.cwd(), file)}\n`,
      );
      process.exitCode = report.ok ? 0 : 1;
    });
}

/** Rehearses clusters one after the other; only one rehearsal runs in a checkout at a time. */
export async function rehearse(root: string, names: readonly string[], options: RehearseOptions): Promise<RehearsalReport> {
  const at = new Date();
  const terraform = await requireTerraform();
  const interrupts = new Interrupts();
  return interrupts.during(() => rehearseAll(root, names, options, interrupts, at, terraform));
}

async function rehearseAll(
  root: string,
  names: readonly string[],
  options: RehearseOptions,
  interrupts: Interrupts,
  at: Date,
  terraform: string,
): Promise<RehearsalReport> {
  const release = takeLock(join(root, ".drydock", "rehearsal.lock"), "A rehearsal");
  try {
    // First of all: whether it can be done at all must not take minutes to find out.
    const published = options.providers === "real" ? await installPublished(root, interrupts) : undefined;
    const outdir = join(root, ".drydock", "fleet");
    await synthesize({ root, outdir, overrides: { localState: join(outdir, "state") } });
    mkdirSync(join(root, ".drydock", "rehearsal"), { recursive: true });
    const clusters: ClusterReport[] = [];
    for (const cluster of clustersOf(outdir, names))
      if (!interrupts.stopping) clusters.push(await rehearseCluster(root, cluster, options, interrupts, published));
    if (interrupts.stopping) throw interrupted();
    return reportOf(at, terraform, clusters);
  } finally {
    release();
  }
}

/** Providers that work inside of Kubernetes. */
const INSIDE = ["hashicorp/helm", "hashicorp/kubernetes"];

async function installPublished(root: string, interrupts: Interrupts): Promise<InstalledProviders> {
  try {
    return await installProviders({ root, folder: join(root, ".drydock", "providers"), providers: INSIDE, interrupts });
  } catch (error) {
    throw interrupts.stopping ? interrupted() : error;
  }
}

/** Not a failure of the fleet: the report of the last whole rehearsal stays. */
function interrupted(): CommandError {
  return new CommandError("Interrupted; nothing is left running. The report of the last whole rehearsal is unchanged.", 130);
}

async function rehearseCluster(
  root: string,
  cluster: Cluster,
  options: RehearseOptions,
  interrupts: Interrupts,
  published: InstalledProviders | undefined,
): Promise<ClusterReport> {
  const folder = join(root, ".drydock", "rehearsal", cluster.name);
  rmSync(folder, { recursive: true, force: true });
  const standIn = await startStandIn(root, folder, {
    kubernetes: options.kubernetes ? "passing" : undefined,
    published,
    onProgress: (text) => {
      toTerminal(`${cluster.name}: ${text}`);
    },
  });
  try {
    const life = new LifeCycle({ root, cluster, standIn, parallel: options.parallel, interrupts });
    const steps: StepReport[] = [];
    const faults: FaultReport[] = [];
    const failures: Error[] = [];
    const selection = selectionOf(options);
    const planned = options.fault ? await stepsUntil(life, options.fault) : life.steps;
    const rehearseStep = async (step: Step, onProgress: (text: string) => void): Promise<void> => {
      const operation = OPERATION_OF[step.id];
      if (selection && operation) {
        const reproduce = (fault: Fault) => `npx drydock rehearse ${cluster.name} --fault ${faultName(fault)}`;
        faults.push(
          ...(await stageFaults({
            standIn,
            runs: life.runs,
            stacks: await life.program(step.action.state),
            selection,
            operation,
            reproduce,
            onProgress,
          })),
        );
      }
      const report = await life.run(step, onProgress);
      steps.push(report);
    };
    const tasks = planned.map((step) => ({
      title: `${cluster.name}: ${step.title}`,
      // What failed makes everything after it meaningless.
      skip: () => (interrupts.stopping ? "interrupted" : steps.some(({ ok }) => !ok) ? "a step before it failed" : false),
      task: async (_: unknown, task: { output: string; title: string }) => {
        const onProgress = (text: string): void => {
          task.output = text;
        };
        try {
          await rehearseStep(step, onProgress);
        } catch (error) {
          failures.push(error instanceof Error ? error : new Error(String(error)));
          throw error;
        }
        if (interrupts.stopping) throw new CommandError("Interrupted; nothing is left running.", 1);
        const report = steps.at(-1);
        if (!report?.ok) throw new CommandError(report?.problems[0] ?? step.title, 1);
        task.title = `${task.title} (${report.wallSeconds.toFixed(1)} s)`;
      },
    }));
    const list = new Listr(tasks, {
      exitOnError: false,
      collectErrors: false,
      // Signals go to Terraform first; see Interrupts.
      registerSignalListeners: false,
      rendererOptions: { collapseErrors: false, collapseSkips: false },
      fallbackRendererCondition: () => false,
      renderer: process.stderr.isTTY && !options.json ? "default" : "silent",
    });
    await list.run();
    const [failure] = failures;
    if (failure && !interrupts.stopping) throw failure;
    if (options.fault && faults.length === 0 && !interrupts.stopping) throw noOperationFor(options.fault);
    const ok = steps.length === planned.length && steps.every((step) => step.ok) && faults.every(({ converged }) => converged);
    return { cluster: cluster.name, ok, steps, fingerprint: life.fingerprint, excluded: life.excluded, faults };
  } finally {
    await standIn.kubernetes?.stop();
    standIn.stop();
    // A Terraform that had to be killed leaves its lock; nobody else works in this folder.
    if (interrupts.stopping)
      for (const file of readdirSync(standIn.stateFolder)) if (file.endsWith(".lock.info")) rmSync(join(standIn.stateFolder, file));
  }
}

/** Steps that faults are staged in, and the operation each consists of. */
const OPERATION_OF: Readonly<Partial<Record<Step["id"], Operation>>> = { create: "create", upgrade: "update", destroy: "delete" };

/**
 * The steps up to the one that a fault is staged in: what comes after it says nothing about the fault.
 * @throws {CommandError} when no program of that step has the stack and the type
 */
async function stepsUntil(life: LifeCycle, fault: Fault): Promise<readonly Step[]> {
  const index = life.steps.findIndex(({ id }) => OPERATION_OF[id] === STRIKES[fault.kind]);
  const step = life.steps[index];
  const stacks = step ? await life.program(step.action.state) : [];
  if (!stacks.some(({ name, resources }) => name === fault.stack && resources.some(({ type }) => type === fault.type)))
    throw noOperationFor(fault);
  return life.steps.slice(0, index + 1);
}

function noOperationFor(fault: Fault): CommandError {
  return new CommandError(`No step has an operation for the fault ${faultName(fault)}.`, 2);
}

function selectionOf({ faults, fault, seed }: RehearseOptions): FaultSelection | undefined {
  if (fault) return { kind: "one", fault };
  if (faults === undefined) return undefined;
  return faults === true ? { kind: "all", kinds: FAULT_KINDS } : { kind: "sample", kinds: FAULT_KINDS, size: faults, seed };
}
