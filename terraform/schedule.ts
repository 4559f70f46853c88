import type { ProgramStack } from "./program";

/** How a stack ended. */
export type StackResult<Result> =
  | { readonly status: "done"; readonly result: Result; readonly seconds: number; readonly startedAt: number }
  | { readonly status: "failed"; readonly error: Error; readonly seconds: number; readonly startedAt: number }
  /** Something it depends on failed, or the run was stopped. */
  | { readonly status: "skipped"; readonly because: string };

/** Options of {@link runInOrder}. */
export interface ScheduleOptions<Result> {
  /** Most stacks at once. */
  readonly parallel: number;
  /** Whether a stack waits for what it depends on, or for what depends on it (destroy). */
  readonly direction: "dependencies-first" | "dependants-first";
  readonly work: (stack: ProgramStack) => Promise<Result>;
  /** Asked before each start; a reason stops everything that has not begun. */
  readonly stop?: () => string | undefined;
  readonly onStart?: (stack: ProgramStack) => void;
  readonly onEnd?: (stack: ProgramStack, result: StackResult<Result>) => void;
}

/**
 * Runs work for each stack, each after those it waits for, as many at once as allowed. A failure skips what waits for
 * it; everything else goes on.
 */
export async function runInOrder<Result>(
  stacks: readonly ProgramStack[],
  options: ScheduleOptions<Result>,
): Promise<ReadonlyMap<string, StackResult<Result>>> {
  const names = new Set(stacks.map(({ name }) => name));
  const waitsFor = new Map(
    stacks.map((stack) => [
      stack.name,
      options.direction === "dependencies-first"
        ? stack.dependencies.filter((name) => names.has(name))
        : stacks.filter(({ dependencies }) => dependencies.includes(stack.name)).map(({ name }) => name),
    ]),
  );
  const results = new Map<string, StackResult<Result>>();
  const running = new Map<string, Promise<void>>();
  const begun = performance.now();

  const finish = (stack: ProgramStack, result: StackResult<Result>): void => {
    results.set(stack.name, result);
    options.onEnd?.(stack, result);
  };
  const start = async (stack: ProgramStack): Promise<void> => {
    options.onStart?.(stack);
    const startedAt = (performance.now() - begun) / 1000;
    const seconds = () => (performance.now() - begun) / 1000 - startedAt;
    try {
      const result = await options.work(stack);
      finish(stack, { status: "done", result, seconds: seconds(), startedAt });
    } catch (error) {
      finish(stack, { status: "failed", error: error instanceof Error ? error : new Error(String(error)), seconds: seconds(), startedAt });
    }
  };

  while (results.size < stacks.length) {
    for (const stack of stacks) {
      if (results.has(stack.name) || running.has(stack.name)) continue;
      const needed = waitsFor.get(stack.name) ?? [];
      const blocker = needed.find((name) => results.has(name) && results.get(name)?.status !== "done");
      const stopped = options.stop?.();
      if (blocker !== undefined || stopped !== undefined)
        finish(stack, { status: "skipped", because: stopped ?? `${blocker ?? ""} did not succeed` });
      else if (running.size < options.parallel && needed.every((name) => results.has(name))) {
        running.set(
          stack.name,
          start(stack).finally(() => running.delete(stack.name)),
        );
      }
    }
    if (running.size > 0) await Promise.race(running.values());
  }
  return results;
}
