import type { StepReport } from "../life-cycle";

/** What steps showed inside of Kubernetes, in sentences; none when clusters were played. */
export interface InsideSummary {
  /** What stood and was looked at. */
  readonly facts: readonly string[];
  /** What is worth knowing and no problem. */
  readonly notes: readonly string[];
  /** What was not real, so that nobody takes it for proven. */
  readonly simulated: readonly string[];
}

/** Sums up what a cluster's life showed inside of Kubernetes. */
export function insideSummary(steps: readonly StepReport[]): InsideSummary {
  const reports = steps.flatMap(({ kubernetes }) => kubernetes ?? []);
  const examined = reports.flatMap(({ clusters }) => clusters);
  const ended = reports.flatMap((report) => report.ended);
  const newest = new Map(examined.map((cluster) => [cluster.cluster, cluster]));
  const kept = ended.flatMap(({ cluster, leftovers }) => {
    const names = leftovers.filter((leftover) => leftover.kept);
    return names.length === 0 ? [] : [`${cluster} left ${names.length} definitions of custom resources behind, which stay on purpose`];
  });
  const jobs = [...newest.values(), ...ended].flatMap((cluster) => cluster.jobs);
  const pretended = new Set(jobs.filter(({ real }) => !real).map(({ pod }) => pod.replace(/-[a-z0-9]{5}$/, "")));
  const [first] = newest.values();
  const stubbed = reports.at(-1)?.stubbed ?? [];
  const published = reports.at(-1)?.published ?? [];
  return {
    facts: [
      ...[...newest.values()].map(({ cluster, kubernetes, releases }) => {
        const seconds = releases.reduce((sum, release) => sum + release.seconds, 0);
        return `${cluster}: Kubernetes ${kubernetes}, ${releases.length} releases, ${Math.round(seconds)} s in Helm`;
      }),
      ...(published.length === 0 ? [] : [`releases and objects were applied by ${published.join(" and ")}, as Terraform installed them`]),
    ],
    notes: [
      ...new Set(
        examined.flatMap(({ findings }) =>
          findings.filter(({ severity }) => severity === "note").map(({ release, check, message }) => `${release}: ${check}: ${message}`),
        ),
      ),
      ...new Set(kept),
    ],
    simulated: [
      ...Object.values(first?.simulated ?? {}),
      ...(stubbed.length === 0
        ? []
        : [`stubs, made from the lock, stood in for ${stubbed.join(", ")}; npx drydock charts pull brings the real ones`]),
      ...(reports.length > 0 && published.length === 0
        ? [
            "the Helm and Kubernetes providers: Helm itself and the API do their work; --providers real has Terraform run the published ones",
          ]
        : []),
      ...(pretended.size === 0 ? [] : [`these hooks were taken for done: ${[...pretended].join(", ")}`]),
      ...(first ? ["nodes and containers: kwok plays them, so no container ran and no webhook was called"] : []),
    ],
  };
}
