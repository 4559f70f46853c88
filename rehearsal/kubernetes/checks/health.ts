import { conditionOf, describeObject, type Container, type KubeObject } from "../kube-objects";
import type { Finding, Living } from "./living";

interface WorkloadStatus {
  readonly readyReplicas?: number;
  readonly numberReady?: number;
  readonly desiredNumberScheduled?: number;
}

/** Everything became ready, also what Helm does not wait for. */
export function everythingReady({ workloads, releaseOf }: Living): readonly Finding[] {
  return workloads.flatMap((workload) => {
    const status = (workload["status"] ?? {}) as WorkloadStatus;
    const wanted = workload.kind === "DaemonSet" ? (status.desiredNumberScheduled ?? 0) : replicasOf(workload);
    const ready = status.readyReplicas ?? status.numberReady ?? 0;
    if (ready >= wanted) return [];
    // A pod that its namespace's security level refuses is never made; the workload says why.
    const refused = conditionOf(workload, "ReplicaFailure")?.message;
    const why = refused === undefined ? "" : `: ${refused}`;
    return [
      problem(
        releaseOf(workload),
        refused?.includes("PodSecurity") ? "pod security" : "ready",
        `${describeObject(workload)} has ${ready} of ${wanted} pods ready${why}`,
      ),
    ];
  });
}

function replicasOf(workload: KubeObject): number {
  return (workload["spec"] as { readonly replicas?: number }).replicas ?? 1;
}

/** Every container asks for CPU and memory; otherwise the scheduler and the autoscaler count it as nothing. */
export function requestsSet({ workloads, releaseOf }: Living): readonly Finding[] {
  return workloads.flatMap((workload) => {
    const { template } = workload["spec"] as { readonly template: { readonly spec: { readonly containers: readonly Container[] } } };
    const without = template.spec.containers.filter(({ resources }) => !resources?.requests?.["cpu"] || !resources.requests["memory"]);
    return without.map(({ name }) =>
      problem(releaseOf(workload), "requests", `container ${name} of ${describeObject(workload)} requests no CPU or no memory`),
    );
  });
}

interface DisruptionStatus {
  readonly disruptionsAllowed: number;
  readonly expectedPods: number;
}

/** No disruption budget keeps a node from being drained for ever. */
export async function drainsNotBlocked({ client, releaseOf }: Living): Promise<readonly Finding[]> {
  const budgets = await client.list("policy/v1", "PodDisruptionBudget");
  return budgets.flatMap((budget) => {
    const { disruptionsAllowed, expectedPods } = (budget["status"] ?? {}) as Partial<DisruptionStatus>;
    if (disruptionsAllowed !== 0 || (expectedPods ?? 0) === 0) return [];
    return [
      problem(
        releaseOf(budget),
        "disruption budget",
        `${describeObject(budget)} allows no disruption of its ${expectedPods} pods: a drain of their nodes never ends`,
      ),
    ];
  });
}

/** A problem that a check found. */
export function problem(release: string, check: string, message: string): Finding {
  return { release, check, severity: "problem", message };
}
