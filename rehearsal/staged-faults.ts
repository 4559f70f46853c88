import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../config/command-error";
import { kindOf, type PlanJson } from "../terraform/plan-json";
import type { ProgramStack } from "../terraform/program";
import { TerraformError, type Workspace } from "../terraform/workspace";
import { differences, fingerprint } from "./fingerprint";
import { FAULT_KINDS, STRIKES, type Fault, type FaultKind, type Operation } from "./provider/faults";
import type { FaultReport } from "./report/model";
import type { StackRuns } from "./stack-runs";
import type { StandIn } from "./stand-in";
import type { WorldSnapshot } from "./world";

/** Which faults to stage. */
export type FaultSelection =
  | { readonly kind: "all"; readonly kinds: readonly FaultKind[] }
  | { readonly kind: "sample"; readonly kinds: readonly FaultKind[]; readonly size: number; readonly seed: string }
  | { readonly kind: "one"; readonly fault: Fault };

/** A fault as it is written on the command line: `create-fails:production-network/aws_subnet#2`. */
export function faultName({ kind, stack, type, occurrence }: Fault): string {
  return `${kind}:${stack}/${type}#${occurrence}`;
}

/**
 * Reads a fault from the command line.
 * @throws {CommandError} when it is not of the form that reports print
 */
export function parseFault(text: string): Fault {
  const [, kind, stack = "", type = "", occurrence] = /^([a-z-]+):([\w-]+)\/(\w+)#(\d+)$/.exec(text) ?? [];
  const known = FAULT_KINDS.find((candidate) => candidate === kind);
  if (known === undefined)
    throw new CommandError(
      `"${text}" is not a fault; write it as ${FAULT_KINDS.join("|")}:<stack>/<type>#<number>, as reports print it.`,
      2,
    );
  return { kind: known, stack, type, occurrence: Number(occurrence) };
}

/** Options of {@link stageFaults}. */
export interface StagingOptions {
  readonly standIn: StandIn;
  readonly runs: StackRuns;
  readonly stacks: readonly ProgramStack[];
  readonly selection: FaultSelection;
  /** Operation of the step: faults of other operations wait for their own. */
  readonly operation: Operation;
  /** Command that stages one fault again. */
  readonly reproduce: (fault: Fault) => string;
  readonly onProgress: (text: string) => void;
}

/**
 * Goes through a step stack by stack. Before each stack's own run, every selected fault is staged on it: Terraform runs
 * into the fault, runs again plainly, and must then stand exactly where it stands without one.
 */
export async function stageFaults(options: StagingOptions): Promise<readonly FaultReport[]> {
  const { standIn, stacks } = options;
  const before = new Map(stacks.map(({ name }) => [name, takeSnapshot(standIn, name)]));
  try {
    return await stageInOrder(options);
  } finally {
    // The step itself comes afterwards, and must find everything as it was.
    for (const [name, snapshot] of before) restoreSnapshot(standIn, name, snapshot);
  }
}

async function stageInOrder(options: StagingOptions): Promise<readonly FaultReport[]> {
  const { stacks, operation } = options;
  const reports: FaultReport[] = [];
  for (const stack of operation === "delete" ? [...stacks].reverse() : stacks) {
    const workspace = options.runs.workspace(stack);
    await workspace.init();
    const flags = operation === "delete" ? ["-destroy"] : [];
    const before = takeSnapshot(options.standIn, stack.name);
    const possible = faultsOf(stack.name, await workspace.plan(flags), operation);
    await workspace.apply();
    await refresh(workspace, operation);
    const after = takeSnapshot(options.standIn, stack.name);
    for (const fault of select(possible, options.selection)) {
      options.onProgress(`${faultName(fault)} (${reports.length + 1})`);
      restoreSnapshot(options.standIn, stack.name, before);
      const problem = await strikeOnce(options, workspace, fault, flags, after);
      reports.push({ fault: faultName(fault), converged: problem === "", problem, reproduce: options.reproduce(fault) });
      if (options.runs.interrupts.stopping) return reports;
    }
    restoreSnapshot(options.standIn, stack.name, after);
  }
  return reports;
}

/** Runs into a fault, then plainly. Answers with what does not converge, or nothing. */
async function strikeOnce(
  { standIn, runs }: StagingOptions,
  workspace: Workspace,
  fault: Fault,
  flags: readonly string[],
  expected: Snapshot,
): Promise<string> {
  const apply = () => runs.interrupts.during(() => workspace.run("apply", ["-input=false", "-auto-approve", ...flags]));
  standIn.operations.faults.arm(fault);
  try {
    await apply();
    return standIn.operations.faults.struck ? "Terraform did not notice the fault" : "the operation that should fail never came";
  } catch (error) {
    if (!(error instanceof TerraformError)) throw error;
    if (!standIn.operations.faults.struck) return `failed before the fault: ${error.reason}`;
  } finally {
    standIn.operations.faults.arm(undefined);
  }
  try {
    await apply();
    if (STRIKES[fault.kind] !== "delete") await runs.interrupts.during(() => workspace.run("plan", ["-input=false", "-detailed-exitcode"]));
    await refresh(workspace, STRIKES[fault.kind]);
  } catch (error) {
    if (!(error instanceof TerraformError)) throw error;
    return error.command === "plan" ? "the plan after the plain run is not empty" : `the plain run fails: ${error.reason}`;
  }
  return compare(standIn, runs, fault.stack, expected);
}

/** Brings a state up to date: what AWS changed by itself since, such as a certificate's status, shows only then. */
async function refresh(workspace: Workspace, operation: Operation): Promise<void> {
  if (operation !== "delete") await workspace.run("apply", ["-input=false", "-auto-approve", "-refresh-only"]);
}

function compare(standIn: StandIn, runs: StackRuns, stack: string, expected: Snapshot): string {
  const present = fingerprint(new Map([[stack, runs.state(stack)]]), standIn.facts);
  const saved = takeSnapshot(standIn, stack);
  restoreSnapshot(standIn, stack, expected);
  const wanted = fingerprint(new Map([[stack, runs.state(stack)]]), standIn.facts);
  restoreSnapshot(standIn, stack, saved);
  const different = differences(wanted, present);
  if (different.length > 0) return `differs from a run without the fault: ${different.slice(0, 3).join(", ")}`;
  const [should, does] = [expected.world.objects.length, saved.world.objects.length];
  return should === does ? "" : `${does} objects exist where ${should} should`;
}

/** Every fault that an operation of a plan can meet, by type and number. */
function faultsOf(stack: string, { resource_changes: changes = [] }: PlanJson, operation: Operation): readonly Fault[] {
  const counts = new Map<string, number>();
  for (const change of changes)
    if (change.mode === "managed" && kindOf(change) === operation) counts.set(change.type, (counts.get(change.type) ?? 0) + 1);
  const kinds = FAULT_KINDS.filter((kind) => STRIKES[kind] === operation);
  return [...counts]
    .flatMap(([type, count]) =>
      Array.from({ length: count }, (_, index) => kinds.map((kind) => ({ kind, stack, type, occurrence: index + 1 }))),
    )
    .flat();
}

/** The faults to stage of those that are possible. */
export function select(possible: readonly Fault[], selection: FaultSelection): readonly Fault[] {
  if (selection.kind === "one") return possible.filter((fault) => faultName(fault) === faultName(selection.fault));
  const wanted = possible.filter(({ kind }) => selection.kinds.includes(kind));
  if (selection.kind === "all") return wanted;
  // The same seed picks the same faults, whatever else changes; each stack gets its share.
  const rank = (fault: Fault) =>
    createHash("sha256")
      .update(`${selection.seed}/${faultName(fault)}`)
      .digest("hex");
  return [...wanted].sort((a, b) => (rank(a) < rank(b) ? -1 : 1)).slice(0, selection.size);
}

interface Snapshot {
  readonly world: WorldSnapshot;
  /** Contents of the stack's state file; undefined when there is none. */
  readonly state: string | undefined;
}

function takeSnapshot({ world, stateFolder }: StandIn, stack: string): Snapshot {
  const file = join(stateFolder, `${stack}.tfstate`);
  return { world: world.snapshot(), state: existsSync(file) ? readFileSync(file, "utf8") : undefined };
}

function restoreSnapshot({ world, stateFolder }: StandIn, stack: string, { world: before, state }: Snapshot): void {
  const file = join(stateFolder, `${stack}.tfstate`);
  world.restore(before);
  if (state === undefined) rmSync(file, { force: true });
  else writeFileSync(file, state);
}
