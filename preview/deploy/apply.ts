import { join } from "node:path";
import { CommandError } from "../../config/command-error";
import { Facts } from "../../rehearsal/facts";
import type { Interrupts } from "../../terraform/interrupts";
import { forgetProgram, keepProgram } from "../../terraform/kept-program";
import { countChanges, hasOutputChanges, isEmpty, kindOf } from "../../terraform/plan-json";
import type { ProgramStack } from "../../terraform/program";
import { LOCKED } from "../../terraform/provider-lock";
import type { AffectedStack } from "../affected";
import { Digests } from "../plans/digests";
import { realWorkspace } from "../plans/real";
import { collectPlanSecrets, previewStack } from "../plans/stack-preview";
import { Secrets } from "../redaction/secrets";
import { reviewedChanges } from "../report/reviewed";
import type { PreviewReport, StackPreview } from "../report/model";
import { deviations, type Deviation } from "./compare";

/** Options of {@link applyStack}. */
export interface ApplyOptions {
  readonly root: string;
  readonly stack: AffectedStack;
  /** What reviewers saw since the last deploy, oldest first. */
  readonly reviewed: readonly PreviewReport[];
  /** Key of the digests of hidden values. */
  readonly key?: Buffer;
  /** Whether a person approved that hidden values change to what nobody can compare. */
  readonly secretsApproved: boolean;
  readonly interrupts: Interrupts;
}

/** What became of a stack. */
export interface Applied {
  readonly done: "applied" | "destroyed" | "nothing to do";
  readonly preview: StackPreview;
}

/**
 * Plans a stack once more, now that what it reads is applied, and applies exactly that plan if it is the reviewed one.
 * A removed stack is destroyed.
 *
 * @throws {CommandError} with exit code 3 when the plan is not the reviewed one; nothing was applied then
 */
export async function applyStack({ root, stack, reviewed, interrupts, key, secretsApproved }: ApplyOptions): Promise<Applied> {
  const program = stack.head ?? stack.base;
  if (!program) throw new CommandError(`There is no program of ${stack.name}.`, 2);
  const stateFolder = join(root, ".terraform-state");
  const workspace = realWorkspace(program, join(root, ".drydock", "deploy"), interrupts);
  return interrupts.during(async () => {
    await workspace.init(LOCKED);
    // A deploy holds the lock, unlike a preview.
    const plan = await workspace.plan(stack.cause === "removed" ? ["-destroy"] : []);
    const outcome = { status: "planned", mode: "real", plan, pending: [], stale: [] } as const;
    const digests = new Digests(key);
    const secrets = new Secrets();
    collectPlanSecrets(secrets, { stack, outcome });
    const preview = previewStack({
      ...{ planned: { stack, outcome }, mode: "real", secrets, facts: new Facts(root), digests, charts: [] },
      reviewed: reviewedChanges(reviewed, stack.name),
    });
    const found = deviations(
      reviewed.map((report) => only(report, stack.name)),
      { stacks: [preview], digests: digests.kind },
      { final: true },
    );
    refuseDeviations(found.filter(({ approvable }) => !(approvable && secretsApproved)));
    const moves = (plan.resource_changes ?? []).some(
      (change) => change.previous_address !== undefined || kindOf(change) === "forget" || change.change.importing,
    );
    if (isEmpty(countChanges(plan)) && !hasOutputChanges(plan) && !moves) return { done: "nothing to do", preview };
    // Before the apply: what a failed one leaves must still be destroyable when its declaration is gone.
    if (isLocal(program)) keepProgram(stateFolder, program);
    // A provider's error may quote what it was given.
    await workspace.apply().catch((error: unknown) => {
      throw error instanceof CommandError ? new CommandError(secrets.redactProse(error.message), error.exitCode) : error;
    });
    if (stack.cause !== "removed") return { done: "applied", preview };
    forgetProgram(stateFolder, stack.name);
    return { done: "destroyed", preview };
  });
}

/** The reviewed report as far as it speaks of one stack. */
function only(report: PreviewReport, name: string): PreviewReport {
  return { ...report, stacks: report.stacks.filter((stack) => stack.name === name) };
}

/** @throws {CommandError} with exit code 3 when there are any */
export function refuseDeviations(found: readonly Deviation[]): void {
  if (found.length === 0) return;
  const lines = found.map(({ address, reason }) => `  ${address} ${reason}`);
  const way = found.every(({ approvable }) => approvable)
    ? "Approve it with --secrets-approved once you know that the hidden values are the right ones."
    : "Open a pull request, however small: its preview shows everything that is not applied. Review that, and merge it.";
  throw new CommandError(`This is not what was reviewed, so nothing is applied:\n${lines.join("\n")}\n${way}`, 3);
}

function isLocal({ json }: ProgramStack): boolean {
  return json.terraform?.backend?.["local"] !== undefined;
}
