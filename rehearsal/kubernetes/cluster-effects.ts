import { elements, isObject, type ObjectValue } from "../provider/values";
import type { World } from "../world";
import type { KubeClient } from "./kube-client";
import type { Pod } from "./kube-objects";
import { groupFacts, nodesOfGroup, scaleGroup, type GroupFacts } from "./nodes";

/** Who drains nodes of managed groups; admission policies let it pass. */
const EKS = "eks:node-manager";

/** A node group was made, or changed: its nodes are there, with its labels, taints and version. */
export async function nodesJoin(client: KubeClient, world: World, attributes: ObjectValue): Promise<void> {
  const group = groupFacts(attributes, world);
  const [scaling] = elements(attributes["scaling_config"]).filter(isObject);
  const present = (await nodesOfGroup(client, group.name)).length;
  // The autoscaler moves the size within the limits; Terraform moves only the limits.
  const wanted = present > 0 ? present : Number(scaling?.["desired_size"] ?? group.min);
  await resize(client, group, Math.min(group.max, Math.max(group.min, wanted)));
}

/** A node group goes: its nodes are drained, as EKS does. */
export async function nodesLeave(client: KubeClient, world: World, attributes: ObjectValue): Promise<void> {
  await resize(client, groupFacts(attributes, world), 0);
}

/** Gives a node group another number of nodes; the last ones are drained first. */
export async function resize(client: KubeClient, group: GroupFacts, size: number): Promise<void> {
  const leaving = (await nodesOfGroup(client, group.name)).filter(({ metadata }) => indexOf(metadata.name) >= size);
  // Otherwise the scheduler puts drained pods back.
  for (const node of leaving) await client.merge(node, { spec: { unschedulable: true } });
  const names = new Set(leaving.map(({ metadata }) => metadata.name));
  await drain(client, names);
  await scaleGroup(client, group, size);
  // What was bound in the very moment.
  await drain(client, names);
}

async function drain(client: KubeClient, nodes: ReadonlySet<string>): Promise<void> {
  if (nodes.size === 0) return;
  const eks = client.as(EKS, ["system:masters"]);
  for (const pod of await client.list<Pod>("v1", "Pod"))
    if (nodes.has(pod.spec.nodeName ?? "")) await eks.delete(pod, { gracePeriodSeconds: 0 });
}

function indexOf(node: string): number {
  return Number(node.split("-").at(-1));
}
