import type { KubeClient } from "./kube-client";
import { conditionOf, describeObject, type KubeObject, type Pod } from "./kube-objects";

/** How often pods are looked at, in milliseconds. */
const LOOK_MS = 1000;

/** Most reasons that a message carries. */
const MOST_REASONS = 5;

/**
 * Watches what of a release is not ready while Helm waits for it. Afterwards is too late: a release that is rolled
 * back takes its pods along.
 */
export class NotReady {
  private found: readonly string[] = [];
  private readonly timer: NodeJS.Timeout;

  private constructor(client: KubeClient, namespace: string, release: string) {
    this.timer = setInterval(() => {
      reasonsNow(client, namespace, release).then(
        (reasons) => {
          if (reasons.length > 0) this.found = reasons;
        },
        () => {
          // The namespace is not there yet, or the API is gone; Helm says so itself.
        },
      );
    }, LOOK_MS).unref();
  }

  static watch(client: KubeClient, namespace: string, release: string): NotReady {
    return new NotReady(client, namespace, release);
  }

  /** What was not ready when it was looked at last. */
  reasons(): readonly string[] {
    return this.found;
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

/** What of a release is not ready, each with its reason. */
export async function reasonsNow(client: KubeClient, namespace: string, release: string): Promise<readonly string[]> {
  const pods = await client.list<Pod>("v1", "Pod", { namespace });
  const claims = await client.list("v1", "PersistentVolumeClaim", { namespace });
  const ours = (object: KubeObject): boolean => object.metadata.labels?.["app.kubernetes.io/instance"] === release;
  const mine = pods.some(ours) ? pods.filter(ours) : pods;
  return [
    ...mine.flatMap((pod) => {
      if (conditionOf(pod, "Ready")?.status === "True" || pod.status?.phase === "Succeeded") return [];
      const why = conditionOf(pod, "PodScheduled")?.message ?? conditionOf(pod, "Ready")?.message ?? "it is not ready";
      return [`${describeObject(pod)} (${pod.status?.phase ?? "unknown"}): ${why}`];
    }),
    ...claims
      .filter((claim) => (claim["status"] as { readonly phase?: string } | undefined)?.phase !== "Bound")
      .map((claim) => `${describeObject(claim)} has no volume`),
  ].slice(0, MOST_REASONS);
}
