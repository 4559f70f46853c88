import { resize } from "../cluster-effects";
import { conditionOf, type Pod } from "../kube-objects";
import { groupsOf, nodesOfGroup, type GroupFacts } from "../nodes";
import { runs, type Actor, type ActorStage } from "./actor";

const IMAGE = "cluster-autoscaler";

interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

/** The cluster autoscaler: where pods find no room, nodes join, within the declared groups. None leaves. */
export class NodePressure implements Actor {
  readonly name = "node pressure";
  readonly simulates =
    "the cluster autoscaler: a group whose labels and taints suit a waiting pod gets a node, up to its maximum; none is removed";

  constructor(private readonly stage: ActorStage) {}

  async act(): Promise<void> {
    const { client, world, cluster, mirror } = this.stage;
    const waiting = (await mirror.list<Pod>("v1", "Pod")).filter(
      (pod) => pod.spec.nodeName === undefined && conditionOf(pod, "PodScheduled")?.reason === "Unschedulable",
    );
    if (waiting.length === 0 || !(await runs(mirror, IMAGE))) return;
    for (const group of groupsOf(world, cluster)) {
      if (!waiting.some((pod) => suits(group, pod))) continue;
      const size = (await nodesOfGroup(client, group.name)).length;
      if (size >= group.max) continue;
      await resize(client, group, size + 1);
      // One node at a time: it may be enough.
      return;
    }
  }
}

/** Whether a pod could run on a node of a group, as far as labels and taints decide. */
export function suits(group: GroupFacts, pod: Pod): boolean {
  const labels: Readonly<Record<string, string>> = { ...group.labels, "kubernetes.io/os": "linux" };
  const selected = Object.entries(pod.spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  const { tolerations = [] } = pod.spec as { readonly tolerations?: readonly Toleration[] };
  const tolerated = group.taints.every(
    (taint) =>
      taint.effect === "PreferNoSchedule" ||
      tolerations.some(
        ({ key, operator, value, effect }) =>
          (key === undefined || key === taint.key) &&
          (operator === "Exists" || value === taint.value) &&
          (effect === undefined || effect === taint.effect),
      ),
  );
  return selected && tolerated;
}
