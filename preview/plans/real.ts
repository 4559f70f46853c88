import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Interrupts } from "../../terraform/interrupts";
import { orphanedStacks } from "../../terraform/kept-program";
import { hasOutputChanges, type PlanJson } from "../../terraform/plan-json";
import type { ProgramStack } from "../../terraform/program";
import { LOCKED } from "../../terraform/provider-lock";
import { TerraformError, Workspace } from "../../terraform/workspace";
import type { AffectedStack } from "../affected";
import type { OnProgress, Outcome, PlannedStack } from "./outcome";
import { planEach } from "./plan-each";
import { seeThroughProtection } from "./protection";

/** Options of {@link planReal}. */
export interface RealOptions {
  readonly root: string;
  /** Folder for logs. */
  readonly folder: string;
  readonly affected: readonly AffectedStack[];
  readonly parallel: number;
  readonly interrupts: Interrupts;
  readonly onProgress: OnProgress;
}

/** No lock is held: a preview must never stop a deploy, and its role may write nothing. */
const FLAGS = ["-lock=false"] as const;

/** What Terraform says where a stack reads the state of one that was not applied yet, or lacks a new output. */
export const NOT_APPLIED = /Unable to find remote state|This object does not have an attribute named|Unsupported attribute|Invalid index/;

/**
 * Plans against real state.
 * @returns what was planned, and the stacks that cannot be: what they read changes with this very change, or is not
 *   applied yet
 */
export async function planReal(
  options: RealOptions,
): Promise<{ readonly planned: readonly PlannedStack[]; readonly unplannable: ReadonlyMap<string, readonly string[]> }> {
  const { affected, parallel, interrupts, onProgress } = options;
  const outcomes = new Map<string, Outcome>();
  const moving = new Set<string>();
  const unplannable = new Map<string, readonly string[]>();
  const work = async (stack: ProgramStack, { name, cause }: AffectedStack): Promise<void> => {
    const pending = cause === "removed" ? [] : stack.dependencies.filter((dependency) => moving.has(dependency));
    if (pending.length > 0) {
      unplannable.set(name, pending);
      moving.add(name);
      return;
    }
    onProgress(`planning ${name}`);
    seeThroughProtection(stack);
    const workspace = realWorkspace(stack, options.folder, interrupts);
    await workspace.init(LOCKED);
    try {
      const plan = await workspace.planOnly(cause === "removed" ? [...FLAGS, "-destroy"] : FLAGS);
      outcomes.set(name, { status: "planned", mode: "real", plan, pending: [], stale: [] });
      if (cause !== "removed" && (hasOutputChanges(plan) || isNotApplied(plan))) moving.add(name);
    } catch (error) {
      if (error instanceof TerraformError && NOT_APPLIED.test(error.reason)) {
        unplannable.set(name, []);
        moving.add(name);
      } else {
        const failure = error instanceof Error ? error : new Error(String(error));
        outcomes.set(name, { status: "failed", mode: "real", error: failure, state: await workspace.showState() });
      }
    }
  };
  await planEach(
    affected.map((stack) => asKept(options.root, stack)),
    { mode: "real", parallel, interrupts, work, outcomes },
  );
  const planned = affected.flatMap((stack) => {
    const outcome = outcomes.get(stack.name);
    return outcome ? [{ stack, outcome }] : [];
  });
  return { planned, unplannable };
}

/** Terraform with this process's own credentials. */
export function realWorkspace({ name, directory }: ProgramStack, folder: string, interrupts: Interrupts): Workspace {
  return new Workspace({ name, directory, logFile: join(folder, "logs", `${name}.log`), env: {}, interrupts });
}

function isNotApplied({ prior_state: prior }: PlanJson): boolean {
  return (prior?.values?.root_module?.resources ?? []).filter(({ mode }) => mode === "managed").length === 0;
}

/** What is removed is destroyed from the program it was last applied from, where that was kept; else from the base's. */
function asKept(root: string, stack: AffectedStack): AffectedStack {
  const stateFolder = join(root, ".terraform-state");
  if (stack.cause !== "removed" || !stack.base || !existsSync(stateFolder)) return stack;
  const outdir = join(stack.base.directory, "..", "..");
  const kept = orphanedStacks(stateFolder, outdir, []).find(({ name }) => name === stack.name);
  return kept ? { ...stack, base: kept } : stack;
}
