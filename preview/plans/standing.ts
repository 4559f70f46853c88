import type { PlanJson } from "../../terraform/plan-json";
import type { ResourcePreview, Standing } from "../report/model";
import { isUnknown, isWithin, standingAt } from "./differences";
import type { StackContext } from "./resource-preview";
import { wholesOf } from "./wholes";

/**
 * How reviewed changes stand of which a plan repeats nothing, or not every part: what an interrupted deploy of the same
 * review already did is then told from what was never done.
 *
 * @param changes what the plan still does
 */
export function standingOf(
  reviewed: readonly ResourcePreview[],
  changes: readonly ResourcePreview[],
  { prior_state: prior, resource_changes: all = [] }: PlanJson,
  context: StackContext,
): Standing[] {
  const existing = new Map((prior?.values?.root_module?.resources ?? []).map(({ address, values }) => [address, values]));
  return reviewed.flatMap(({ address, differences, wholes }) => {
    const still = changes.find((change) => change.address === address && change.kind !== "deposed");
    const open = differences
      .filter((difference) => !isUnknown(difference))
      .filter(({ path }) => !still?.differences.some((difference) => difference.path === path));
    const attributes =
      all.find((change) => change.address === address && change.deposed === undefined)?.change.after ?? existing.get(address);
    const at = { ...context, address, given: {} };
    const values = open.flatMap(({ path, kind }) => {
      const sorted = kind === "reordered";
      const digest = standingAt(attributes ?? {}, path, sorted ? "sorted" : "as listed", at);
      return digest === undefined ? [] : [{ path, sorted, ...digest }];
    });
    const silent = new Set(wordless({ differences, wholes }));
    const now = Object.fromEntries(Object.entries(attributes ?? {}).filter(([path]) => silent.has(path)));
    const whole = wholesOf({ address, change: { actions: ["create"], before: null, after: now } }, context);
    const wholeValues = whole.map((each) => ({ ...each, path: wholePath(each.path), sorted: false }));
    return [{ address, exists: existing.has(address), values: [...values, ...wholeValues] }];
  });
}

/** Attributes of a change that no difference speaks of: a value became one of another kind that shows as the same. */
export function wordless({ differences, wholes }: Pick<ResourcePreview, "differences" | "wholes">): readonly string[] {
  return wholes.map(({ path }) => path).filter((path) => !differences.some((difference) => isWithin(difference.path, path)));
}

/** Place of a whole attribute among standing values. */
export function wholePath(path: string): string {
  return `whole ${path}`;
}
