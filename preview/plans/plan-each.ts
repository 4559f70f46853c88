import type { Interrupts } from "../../terraform/interrupts";
import { inOrder, type ProgramStack } from "../../terraform/program";
import { runInOrder } from "../../terraform/schedule";
import type { AffectedStack } from "../affected";
import type { Mode, Outcome } from "./outcome";

/** Options of {@link planEach}. */
export interface EachOptions {
  readonly mode: Mode;
  readonly parallel: number;
  readonly interrupts: Interrupts;
  readonly work: (stack: ProgramStack, affected: AffectedStack) => Promise<void>;
  /** Gets what fails. */
  readonly outcomes: Map<string, Outcome>;
}

/** Works on stacks in the order of their graph; a failure of one never keeps the others from being shown. */
export async function planEach(
  affected: readonly AffectedStack[],
  { mode, parallel, interrupts, work, outcomes }: EachOptions,
): Promise<void> {
  const byName = new Map(affected.map((stack) => [stack.name, stack]));
  const stacks = affected.flatMap(({ base, head }) => head ?? base ?? []);
  await interrupts.during(() =>
    runInOrder(inOrder(stacks), {
      parallel,
      direction: "dependencies-first",
      stop: () => (interrupts.stopping ? "the run was interrupted" : undefined),
      work: async (stack) => {
        const own = byName.get(stack.name);
        if (!own) return;
        try {
          await work(stack, own);
        } catch (error) {
          outcomes.set(stack.name, {
            status: "failed",
            mode,
            error: error instanceof Error ? error : new Error(String(error)),
          });
        }
      },
    }),
  );
}
