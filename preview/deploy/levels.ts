import { inOrder } from "../../terraform/program";
import type { PreviewReport } from "../report/model";

/** Stacks to apply together, level by level, and those to destroy afterwards. */
export interface DeployOrder {
  /** Each level's stacks wait for the levels before, and for nobody of their own. */
  readonly levels: readonly (readonly string[])[];
  /** Stacks whose declaration is gone; each comes after what depends on it. */
  readonly removed: readonly string[];
}

/** The order in which a reviewed change is applied: stacks with nothing to do are in it, as their upstream may move. */
export function deployOrder({ stacks }: Pick<PreviewReport, "stacks">): DeployOrder {
  const kept = stacks.filter(({ cause }) => cause !== "removed").map(({ name, after }) => ({ name, dependencies: after }));
  const level = new Map<string, number>();
  for (const { name, dependencies } of inOrder(kept))
    level.set(name, Math.max(-1, ...dependencies.map((dependency) => level.get(dependency) ?? -1)) + 1);
  const depth = Math.max(-1, ...level.values()) + 1;
  const levels = Array.from({ length: depth }, (_, index) => kept.map(({ name }) => name).filter((name) => level.get(name) === index));
  const gone = stacks.filter(({ cause }) => cause === "removed").map(({ name, after }) => ({ name, dependencies: after }));
  return {
    levels,
    removed: inOrder(gone)
      .map(({ name }) => name)
      .reverse(),
  };
}
