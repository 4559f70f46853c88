import { setTimeout as sleep } from "node:timers/promises";
import { instanceType, type InstanceType } from "../../config/instance-types";
import { elements, isObject, nonEmpty, textOf, type ObjectValue } from "../provider/values";
import type { World } from "../world";
import type { KubeClient } from "./kube-client";
import type { KubeObject } from "./kube-objects";

/** A taint in the words of the EKS API, and in those of Kubernetes. */
const EFFECTS: Readonly<Record<string, string>> = {
  NO_SCHEDULE: "NoSchedule",
  NO_EXECUTE: "NoExecute",
  PREFER_NO_SCHEDULE: "PreferNoSchedule",
};

/** Label that EKS puts on the nodes of a managed group. */
export const NODE_GROUP_LABEL = "eks.amazonaws.com/nodegroup";

/** Most pods that EKS puts on a node of up to 30 CPUs, however many addresses it has. */
const MOST_PODS = 110;

/** Taint of a node that has not reported itself ready. */
const NOT_READY = "node.kubernetes.io/not-ready";

/** Longest time until nodes that joined can be used, in milliseconds; it takes one second. */
const JOIN_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

/** A node group as the world has it, with the zones of its subnets. */
export interface GroupFacts {
  readonly name: string;
  readonly kubernetes: string;
  readonly instanceTypes: readonly string[];
  readonly capacityType: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value: string; readonly effect: string }[];
  readonly region: string;
  readonly zones: readonly string[];
  readonly min: number;
  readonly max: number;
}

/** Reads a node group from its attributes. */
export function groupFacts(attributes: ObjectValue, world: World): GroupFacts {
  const [scaling] = elements(attributes["scaling_config"]).filter(isObject);
  const subnets = new Set(elements(attributes["subnet_ids"]).map(textOf));
  const zones = world
    .ofType("aws_subnet")
    .filter((subnet) => subnets.has(textOf(subnet.attributes["id"])))
    .map((subnet) => textOf(subnet.attributes["availability_zone"]));
  return {
    name: textOf(attributes["node_group_name"]),
    kubernetes: textOf(attributes["version"]),
    instanceTypes: elements(attributes["instance_types"]).map(textOf),
    capacityType: nonEmpty(attributes["capacity_type"]) ?? "ON_DEMAND",
    labels: isObject(attributes["labels"]) ? (attributes["labels"] as Readonly<Record<string, string>>) : {},
    taints: elements(attributes["taint"])
      .filter(isObject)
      .map(({ key, value, effect }) => ({ key: textOf(key), value: textOf(value), effect: EFFECTS[textOf(effect)] ?? textOf(effect) })),
    region: zones[0]?.slice(0, -1) ?? "",
    // A subnet that was adopted has no zone in the world.
    zones: zones.length > 0 ? [...new Set(zones)].sort() : [""],
    min: Number(scaling?.["min_size"] ?? 0),
    max: Number(scaling?.["max_size"] ?? 0),
  };
}

/** Node groups of a cluster. */
export function groupsOf(world: World, cluster: string): readonly GroupFacts[] {
  return world
    .ofType("aws_eks_node_group")
    .filter(({ attributes }) => textOf(attributes["cluster_name"]) === cluster)
    .map(({ attributes }) => groupFacts(attributes, world));
}

/**
 * A node as an instance of the group would join: its labels, taints, zone, and what is left of its CPU and memory for
 * pods.
 * @param index counts the group's nodes from 0; zones and instance types take turns
 */
export function nodeOf(group: GroupFacts, index: number): KubeObject {
  const zone = group.zones[index % group.zones.length] ?? "";
  // The smallest decides what the autoscaler may count on.
  const type = group.instanceTypes[0] ?? "";
  const size = instanceType(type);
  if (!size) throw new Error(`There are no facts about the instance type ${type}.`);
  const name = `${group.name}-${index}`;
  const pods = mostPods(size);
  const capacity = { cpu: String(size.vcpu), memory: `${size.memoryMiB}Mi`, pods: String(pods), "ephemeral-storage": "100Gi" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        ...group.labels,
        [NODE_GROUP_LABEL]: group.name,
        "eks.amazonaws.com/capacityType": group.capacityType,
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": size.architecture,
        "node.kubernetes.io/instance-type": type,
        "topology.kubernetes.io/region": group.region,
        "topology.kubernetes.io/zone": zone,
        "topology.ebs.csi.aws.com/zone": zone,
      },
    },
    spec: { providerID: `aws:///${zone}/${name}`, taints: group.taints },
    status: {
      capacity,
      allocatable: {
        ...capacity,
        cpu: `${size.vcpu * 1000 - reservedCpu(size.vcpu)}m`,
        memory: `${size.memoryMiB - reservedMemoryMiB(pods)}Mi`,
      },
      conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", message: "", lastHeartbeatTime: new Date().toISOString() }],
      nodeInfo: { kubeletVersion: `v${group.kubernetes}.0`, architecture: size.architecture, operatingSystem: "linux" },
      phase: "Running",
    },
  };
}

/** Brings a group's nodes to a number: missing ones join, the last ones leave. */
export async function scaleGroup(client: KubeClient, group: GroupFacts, size: number): Promise<void> {
  const present = await nodesOfGroup(client, group.name);
  const wanted = Array.from({ length: size }, (_, index) => nodeOf(group, index));
  const names = new Set(wanted.map(({ metadata }) => metadata.name));
  for (const node of wanted) {
    // Status is a resource of its own to the API.
    await client.apply({ ...node, status: undefined });
    await client.merge(node, { status: node["status"] }, "status");
  }
  for (const node of present) if (!names.has(node.metadata.name)) await client.delete(node);
  await usable(client, group.name);
}

/** Waits until Kubernetes takes its own taint off nodes that just joined: until then pods find no room. */
async function usable(client: KubeClient, group: string): Promise<void> {
  const deadline = Date.now() + JOIN_TIMEOUT_MS;
  for (;;) {
    const nodes = await nodesOfGroup(client, group);
    if (nodes.every(({ spec }) => !((spec as NodeSpec).taints ?? []).some(({ key }) => key === NOT_READY))) return;
    if (Date.now() > deadline) throw new Error(`Nodes of ${group} do not become ready.`);
    await sleep(POLL_MS);
  }
}

interface NodeSpec {
  readonly taints?: readonly { readonly key: string }[];
}

/** Nodes of a group that are there now. */
export function nodesOfGroup(client: KubeClient, name: string): Promise<readonly KubeObject[]> {
  return client.list("v1", "Node", { selector: `${NODE_GROUP_LABEL}=${name}` });
}

/** One address per interface is the node's own; host network pods need none. */
function mostPods({ interfaces, ipv4PerInterface }: InstanceType): number {
  return Math.min(MOST_PODS, interfaces * (ipv4PerInterface - 1) + 2);
}

/**
 * Millicores that EKS's node image reserves: 6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 %
 * of the rest.
 * @see https://github.com/awslabs/amazon-eks-ami (nodeadm, kubelet configuration)
 */
function reservedCpu(vcpu: number): number {
  return 60 + Math.min(1, vcpu - 1) * 10 + Math.max(0, Math.min(2, vcpu - 2)) * 5 + Math.max(0, vcpu - 4) * 2.5;
}

/** What EKS's node image reserves (255 MiB and 11 MiB for each pod), what the kubelet evicts at, and the kernel's share. */
function reservedMemoryMiB(pods: number): number {
  return 255 + 11 * pods + 100 + 200;
}
