import { elements, isObject, textOf, type ObjectValue } from "../provider/values";
import type { World, WorldObject } from "../world";
import { bindAccess } from "./access";
import type { KubeClient } from "./kube-client";
import type { Pod } from "./kube-objects";
import { groupFacts, nodesOfGroup, scaleGroup } from "./nodes";

/** Types of AWS whose objects have an effect within a cluster, besides the cluster itself. */
export const CLUSTER_EFFECT_TYPES = ["aws_eks_node_group", "aws_eks_access_entry", "aws_eks_access_policy_association"] as const;

/** A node group was made, or changed: its nodes are there, with its labels, taints and version. */
export async function nodesJoin(client: KubeClient, world: World, attributes: ObjectValue): Promise<void> {
  const group = groupFacts(attributes, world);
  const [scaling] = elements(attributes["scaling_config"]).filter(isObject);
  const present = (await nodesOfGroup(client, group.name)).length;
  // The autoscaler moves the size within the limits; Terraform moves only the limits.
  const wanted = present > 0 ? present : Number(scaling?.["desired_size"] ?? group.min);
  await resize(client, world, attributes, Math.min(group.max, Math.max(group.min, wanted)));
}

/** A node group goes: its nodes are drained, as EKS does. */
export async function nodesLeave(client: KubeClient, world: World, attributes: ObjectValue): Promise<void> {
  await resize(client, world, attributes, 0);
}

/** Gives a node group another number of nodes; the last ones are drained first. */
export async function resize(client: KubeClient, world: World, attributes: ObjectValue, size: number): Promise<void> {
  const group = groupFacts(attributes, world);
  const leaving = new Set(
    (await nodesOfGroup(client, group.name)).map(({ metadata }) => metadata.name).filter((name) => indexOf(name) >= size),
  );
  const pods = leaving.size === 0 ? [] : await client.list<Pod>("v1", "Pod");
  for (const pod of pods) if (leaving.has(pod.spec.nodeName ?? "")) await client.delete(pod, { gracePeriodSeconds: 0 });
  await scaleGroup(client, group, size);
}

function indexOf(node: string): number {
  return Number(node.split("-").at(-1));
}

/** Rights change with entries and associations. The world does not know of the change yet. */
export async function accessChanges(client: KubeClient, world: World, cluster: string, changed: WorldObject, gone: boolean): Promise<void> {
  const others = world.ofType("aws_eks_access_policy_association").filter(({ key }) => key !== changed.key);
  const all = gone || changed.type !== "aws_eks_access_policy_association" ? others : [...others, changed];
  await bindAccess(
    client,
    all.map(({ attributes }) => attributes).filter((attributes) => textOf(attributes["cluster_name"]) === cluster),
  );
}
