import type { KubeClient } from "./kube-client";
import { revisionsOf } from "./release-status";

/** A release whose last revision was never finished. */
export interface RecoveredRelease {
  readonly namespace: string;
  readonly name: string;
  /** Status that it was stuck in, such as `pending-upgrade`. */
  readonly was: string;
  /** Revision that counts now; undefined when there was none before. */
  readonly revision: number | undefined;
}

const PENDING = /^pending-/;

/**
 * Mends releases whose Helm was killed: the unfinished revision is forgotten, so that the last finished one counts and
 * the next run upgrades from it. Objects that the unfinished one made stay; the next run takes them over.
 */
export async function recoverReleases(client: KubeClient): Promise<readonly RecoveredRelease[]> {
  const secrets = await client.list("v1", "Secret", { selector: "owner=helm" });
  const stuck = secrets.filter(({ metadata }) => PENDING.test(metadata.labels?.["status"] ?? ""));
  const recovered: RecoveredRelease[] = [];
  for (const secret of stuck) {
    const { namespace = "", labels = {} } = secret.metadata;
    const name = labels["name"] ?? "";
    // Whoever deploys may change what Helm keeps; hands may not.
    await client.as("drydock:recover", ["drydock:deploy", "system:masters"]).delete(secret);
    const finished = (await revisionsOf(client, namespace, name)).filter(({ status }) => !PENDING.test(status));
    recovered.push({ namespace, name, was: labels["status"] ?? "", revision: finished.at(-1)?.number });
  }
  return recovered;
}
