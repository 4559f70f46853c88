import type { AffectedStack } from "./affected";
import { monthlyCost, total } from "./cost";
import type { PreviewReport } from "./report/model";

/** Monthly cost of the affected stacks at list price, before and after; see {@link monthlyCost} for what is in it. */
export function costDifference(affected: readonly AffectedStack[]): PreviewReport["cost"] {
  const bill = (side: "base" | "head") => monthlyCost(affected.flatMap((stack) => stack[side]?.resources ?? []));
  const [before, after] = [bill("base"), bill("head")];
  const sum = (items: typeof before, item: string) => total(items.filter((other) => other.item === item));
  const names = [...new Set([...before, ...after].map(({ item }) => item))];
  return {
    before: total(before),
    after: total(after),
    items: names
      .map((what) => ({ what, before: sum(before, what), after: sum(after, what) }))
      .filter((item) => Math.abs(item.after - item.before) >= 0.005),
  };
}
