import type { PlanJson } from "../../terraform/plan-json";
import type { ResourcePreview, Standing } from "../report/model";
import { standingAt, UNKNOWN_SECRET } from "./differences";
import type { StackContext } from "./resource-preview";

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
  return reviewed.flatMap(({ address, differences }) => {
    const still = changes.find((change) => change.address === address && change.kind !== "deposed");
    const open = differences
      .filter(({ kind, after }) => kind !== "unknown" && !(kind === "secret" && after === UNKNOWN_SECRET))
      .filter(({ path }) => !still?.differences.some((difference) => difference.path === path));
    const attributes =
      all.find((change) => change.address === address && change.deposed === undefined)?.change.after ?? existing.get(address);
    const at = { ...context, address, given: {} };
    const values = open.flatMap(({ path, kind }) => {
      const sorted = kind === "reordered";
      const digest = standingAt(attributes ?? {}, path, sorted ? "sorted" : "as listed", at);
      return digest === undefined ? [] : [{ path, sorted, ...digest }];
    });
    return [{ address, exists: existing.has(address), values }];
  });
}
