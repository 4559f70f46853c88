import type { KubeClient } from "./kube-client";
import type { KubeObject } from "./kube-objects";

/** A revision of a release, as Helm keeps it in a secret. */
export interface Revision {
  readonly number: number;
  /** Such as `deployed`, `superseded`, `pending-upgrade`. */
  readonly status: string;
}

/** Statuses of a revision that became what it should. */
export const FINISHED: readonly string[] = ["deployed", "superseded"];

/** Revisions in the secrets of one release, the newest last. */
export function revisionsIn(secrets: readonly KubeObject[]): readonly Revision[] {
  return secrets
    .map(({ metadata: { labels } }) => ({ number: Number(labels?.["version"]), status: labels?.["status"] ?? "" }))
    .sort((a, b) => a.number - b.number);
}

/** Status of a release's newest revision; undefined when there is no such release. */
export async function releaseStatus(client: KubeClient, namespace: string, name: string): Promise<string | undefined> {
  return revisionsIn(await client.list("v1", "Secret", { namespace, selector: `owner=helm,name=${name}` })).at(-1)?.status;
}
