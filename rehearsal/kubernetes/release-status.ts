import type { KubeClient } from "./kube-client";
import type { KubeObject } from "./kube-objects";

/** A revision of a release, as Helm keeps it in a secret. */
export interface Revision {
  readonly secret: KubeObject;
  readonly number: number;
  /** Such as `deployed`, `superseded`, `pending-upgrade`. */
  readonly status: string;
}

/** Revisions of a release, the newest last. */
export async function revisionsOf(client: KubeClient, namespace: string, name: string): Promise<readonly Revision[]> {
  const secrets = await client.list("v1", "Secret", { namespace, selector: `owner=helm,name=${name}` });
  return secrets
    .map((secret) => ({ secret, number: Number(secret.metadata.labels?.["version"]), status: secret.metadata.labels?.["status"] ?? "" }))
    .sort((a, b) => a.number - b.number);
}

/** Status of a release's newest revision; undefined when there is no such release. */
export async function releaseStatus(client: KubeClient, namespace: string, name: string): Promise<string | undefined> {
  return (await revisionsOf(client, namespace, name)).at(-1)?.status;
}
