import type { EndedCluster, Examination } from "./kubernetes/local-clusters";
import type { Step } from "./scenario";
import type { StandIn } from "./stand-in";

/** What a step showed inside of Kubernetes. */
export interface KubernetesReport {
  /** Clusters that stand after the step. */
  readonly clusters: readonly Examination[];
  /** Clusters that the step deleted. */
  readonly ended: readonly EndedCluster[];
  /** Charts without a package, which stubs stood in for. */
  readonly stubbed: readonly string[];
  /** Name and version of published providers that ran; empty when Drydock did their work. */
  readonly published: readonly string[];
}

/** What was found inside of Kubernetes after a step; undefined when clusters are played too. */
export interface InsideClusters {
  readonly report: KubernetesReport | undefined;
  /** What must not be, in sentences. */
  readonly problems: readonly string[];
}

/**
 * Looks inside of the clusters after a step.
 * @param stands whether the step went well; what does not stand as it should is not worth a look
 */
export async function lookInside({ kubernetes }: StandIn, { id, action }: Step, stands: boolean): Promise<InsideClusters> {
  if (!kubernetes) return { report: undefined, problems: [] };
  // Trying all sizes moves every pod: once is enough.
  const clusters = stands && action.kind === "apply" ? await kubernetes.examine(id === "create") : [];
  const ended = kubernetes.clusters.takeEnded();
  const failed = await kubernetes.clusters.takeFailedReleases();
  return {
    report: { clusters, ended, stubbed: kubernetes.stubbed, published: kubernetes.published },
    // A step that stands has none: what was given up was repeated.
    problems: [...(stands ? [] : failed), ...clusters.flatMap(problemsIn), ...ended.flatMap(leftIn)],
  };
}

function problemsIn({ cluster, findings }: Examination): readonly string[] {
  return findings
    .filter(({ severity }) => severity === "problem")
    .map(({ release, check, message }) => `${cluster}${release === "" ? "" : `, ${release}`}: ${check}: ${message}`);
}

function leftIn({ cluster, leftovers }: EndedCluster): readonly string[] {
  return leftovers
    .filter(({ kept }) => !kept)
    .map(({ object, release, finalizers }) => {
      const held = finalizers.length > 0 ? `, held by ${finalizers.join(", ")}` : "";
      return `${cluster}: ${object} is left${release === "" ? "" : ` by ${release}`}${held}`;
    });
}
