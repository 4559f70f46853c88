import { isEmpty, type ChangeCounts } from "../../terraform/plan-json";
import type { Prediction } from "../prediction";

/** `14 min`, `45 s`: as exact as a prediction deserves. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return `${Math.round(seconds / 60)} min`;
}

/** `+140 ~3 -/+1 -2`: Terraform's own signs. */
export function changes(counts: ChangeCounts): string {
  if (isEmpty(counts)) return "no changes";
  const signs = { create: "+", update: "~", replace: "-/+", delete: "-" } as const;
  return (["create", "update", "replace", "delete"] as const)
    .filter((kind) => counts[kind] > 0)
    .map((kind) => `${signs[kind]}${counts[kind]}`)
    .join(" ");
}

/** Median and 90th percentile. */
export function predicted({ median, p90 }: Prediction): string {
  return median === 0 ? "-" : `${duration(median)} (${duration(p90)})`;
}

/** What cdktf adds to a name to make it unique: nothing that a reader needs. */
const DIGEST = /_[0-9A-F]{8}$/;

/** What a critical path consists of, the longest parts only. */
export function pathWords({ path }: Prediction): string {
  const long = [...path].sort((a, b) => b.seconds - a.seconds).slice(0, 4);
  return path
    .filter((element) => long.includes(element))
    .map(
      ({ address, seconds, basis }) => `${address.replace(DIGEST, "")} ${duration(seconds)}${basis === "estimate" ? " (estimated)" : ""}`,
    )
    .join(", then ");
}
