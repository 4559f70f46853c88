import type { Interrupts } from "../../terraform/interrupts";
import { kindOf, type PlanJson } from "../../terraform/plan-json";
import type { ProgramStack } from "../../terraform/program";
import { LOCKED } from "../../terraform/provider-lock";
import { TerraformError } from "../../terraform/workspace";
import type { AffectedStack } from "../affected";
import type { OnProgress, Outcome, PlannedStack } from "./outcome";
import { planEach } from "./plan-each";
import { seeThroughProtection } from "./protection";
import { NOT_APPLIED, realWorkspace } from "./real";

/** Options of {@link unappliedStacks}. */
export interface UnappliedOptions {
  /** Folder for logs. */
  readonly folder: string;
  /** Stacks whose program a change leaves alone. */
  readonly stacks: readonly ProgramStack[];
  readonly parallel: number;
  readonly interrupts: Interrupts;
  readonly onProgress: OnProgress;
}

/** What was changed outside is no part of the question, so nothing is refreshed; and no lock is held. */
const FLAGS = ["-refresh=false", "-lock=false"] as const;

/**
 * Stacks that a change leaves alone and that are not applied as their program says: an earlier deploy failed, or was
 * dropped. The next deploy brings them along, so a review must show them.
 */
export async function unappliedStacks({
  stacks,
  folder,
  parallel,
  interrupts,
  onProgress,
}: UnappliedOptions): Promise<readonly PlannedStack[]> {
  const affected = stacks.map((stack): AffectedStack => ({
    name: stack.name,
    cause: "unapplied",
    base: stack,
    head: stack,
  }));
  const outcomes = new Map<string, Outcome>();
  const work = async (stack: ProgramStack, { name }: AffectedStack): Promise<void> => {
    onProgress(`looking for what was never applied in ${name}`);
    seeThroughProtection(stack);
    const workspace = realWorkspace(stack, folder, interrupts);
    await workspace.init(LOCKED);
    try {
      const plan = await workspace.planChanges(FLAGS);
      if (plan && doesSomething(plan)) outcomes.set(name, { status: "planned", mode: "real", plan, pending: [], stale: [] });
    } catch (error) {
      if (!(error instanceof TerraformError) || !NOT_APPLIED.test(error.reason)) throw error;
      outcomes.set(name, { status: "unchanged", because: "what it reads was never applied either" });
    } finally {
      workspace.forgetPlan();
    }
  };
  await planEach(affected, { mode: "real", parallel, interrupts, work, outcomes });
  return affected.flatMap((stack) => {
    const outcome = outcomes.get(stack.name);
    return outcome ? [{ stack, outcome }] : [];
  });
}

/** Reading data anew is nothing that a deploy would do. */
function doesSomething({ resource_changes: changes = [] }: PlanJson): boolean {
  return changes.some((change) => change.mode === "managed" && kindOf(change) !== "no-op");
}
