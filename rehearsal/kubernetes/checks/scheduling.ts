import { setTimeout as sleep } from "node:timers/promises";
import type { KubeClient } from "../kube-client";
import { conditionOf, describeObject, type Pod } from "../kube-objects";
import type { GroupFacts } from "../nodes";
import type { Finding, Living } from "./living";

/** Longest time that the scheduler gets to place what can be placed, in milliseconds. */
const SETTLE_MS = 15_000;
const POLL_MS = 300;

/** How long nothing may change before it counts as settled, in milliseconds: a new node takes the scheduler a moment. */
const QUIET_MS = 1500;

/** Gives a group another number of nodes. */
export type Resize = (group: GroupFacts, size: number) => Promise<void>;

/**
 * What the scheduler leaves waiting on the declared node groups, at their maximum and at their minimum size. At the
 * maximum it is a problem; at the minimum the autoscaler would add nodes.
 */
export async function roomForPods(living: Living, resize: Resize): Promise<readonly Finding[]> {
  const { client, groups, releaseOf } = living;
  const findings: Finding[] = [];
  for (const [size, severity] of [
    ["max", "problem"],
    ["min", "note"],
  ] as const) {
    await Promise.all(groups.map((group) => resize(group, group[size])));
    const waiting = await waitingPods(client);
    findings.push(
      ...waiting.map((pod) => ({
        release: releaseOf(pod),
        check: size === "max" ? "room at maximum size" : "room at minimum size",
        severity,
        message: `${describeObject(pod)} waits: ${conditionOf(pod, "PodScheduled")?.message ?? "no reason given"}`,
      })),
    );
  }
  return findings;
}

/** Pods that still wait once the scheduler has tried them all. */
async function waitingPods(client: KubeClient): Promise<readonly Pod[]> {
  const deadline = Date.now() + SETTLE_MS;
  let last = "";
  let since = Date.now();
  for (;;) {
    const pods = await client.list<Pod>("v1", "Pod");
    const unplaced = pods.filter(({ spec, metadata }) => spec.nodeName === undefined && metadata.deletionTimestamp === undefined);
    const tried = unplaced.every((pod) => conditionOf(pod, "PodScheduled")?.reason === "Unschedulable");
    const settled = (await client.list("apps/v1", "ReplicaSet")).every((set) => {
      const { replicas = 0 } = set["spec"] as { readonly replicas?: number };
      return ((set["status"] ?? {}) as { readonly replicas?: number }).replicas === replicas;
    });
    const names = unplaced.map(({ metadata }) => metadata.name).join(" ");
    if (names !== last || !tried || !settled) since = Date.now();
    last = names;
    if (Date.now() - since > QUIET_MS || Date.now() > deadline) return unplaced;
    await sleep(POLL_MS);
  }
}
