import { isDeepStrictEqual } from "node:util";
import type { ProgramStack } from "../terraform/program";

/** Why a stack is looked at. */
export type Cause = "changed" | "new" | "removed" | "dependant" | "unapplied";

/** A stack that a change touches. */
export interface AffectedStack {
  readonly name: string;
  readonly cause: Cause;
  /** Undefined for what is new. */
  readonly base: ProgramStack | undefined;
  /** Undefined for what is removed. */
  readonly head: ProgramStack | undefined;
}

/**
 * Stacks whose program differs between two syntheses, and those that depend on them, in the order in which the change
 * would reach them: what is removed comes last, dependants first.
 */
export function affectedStacks(base: readonly ProgramStack[], head: readonly ProgramStack[]): readonly AffectedStack[] {
  const before = new Map(base.map((stack) => [stack.name, stack]));
  const after = new Map(head.map((stack) => [stack.name, stack]));
  const touched = new Set<string>();
  const affected: AffectedStack[] = [];
  // In the order of the graph: what a stack depends on was decided before it.
  for (const stack of head) {
    const old = before.get(stack.name);
    const cause: Cause | undefined = !old
      ? "new"
      : !sameProgram(old, stack)
        ? "changed"
        : stack.dependencies.some((name) => touched.has(name))
          ? "dependant"
          : undefined;
    if (cause === undefined) continue;
    touched.add(stack.name);
    affected.push({ name: stack.name, cause, base: old, head: stack });
  }
  const removed = [...base].reverse().filter(({ name }) => !after.has(name));
  return [...affected, ...removed.map((stack): AffectedStack => ({ name: stack.name, cause: "removed", base: stack, head: undefined }))];
}

/** What cdktf notes about a stack for itself is no part of its program. */
function sameProgram(a: ProgramStack, b: ProgramStack): boolean {
  return (
    isDeepStrictEqual({ ...a.json, "//": undefined }, { ...b.json, "//": undefined }) && isDeepStrictEqual(a.dependencies, b.dependencies)
  );
}
