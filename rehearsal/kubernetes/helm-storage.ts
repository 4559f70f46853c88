import { gunzipSync } from "node:zlib";
import type { KubeClient } from "./kube-client";
import type { KubeObject } from "./kube-objects";

/** A release as it stands in a cluster. */
export interface InstalledRelease {
  readonly cluster: string;
  readonly name: string;
  readonly namespace: string;
  readonly chart: string;
  readonly version: string;
  /** Everything that the release consists of, as YAML. */
  readonly manifest: string;
  /** How long Helm took for its last revision, its wait included; to the second. */
  readonly seconds: number;
}

/** What Helm keeps of a revision, as far as the rehearsal reads it. */
interface StoredRevision {
  readonly name: string;
  readonly namespace: string;
  readonly manifest: string;
  readonly info: { readonly first_deployed: string; readonly last_deployed: string };
  readonly chart: { readonly metadata: { readonly name: string; readonly version: string } };
}

/**
 * The releases that are deployed in a cluster, in the order of their first installation. They are read from where Helm
 * itself keeps them, so it does not matter who installed them.
 */
export async function installedReleases(cluster: string, client: KubeClient): Promise<readonly InstalledRelease[]> {
  const secrets = await client.list("v1", "Secret", { selector: "owner=helm,status=deployed" });
  return secrets
    .map((secret) => ({ secret, stored: storedIn(secret) }))
    .sort((a, b) => Date.parse(a.stored.info.first_deployed) - Date.parse(b.stored.info.first_deployed))
    .map(({ secret, stored: { name, namespace, manifest, info, chart } }) => ({
      cluster,
      name,
      namespace,
      chart: chart.metadata.name,
      version: chart.metadata.version,
      manifest,
      // Helm notes when it began, and its storage when it wrote that all is deployed.
      seconds: Math.max(0, Number(secret.metadata.labels?.["modifiedAt"] ?? 0) - Math.floor(Date.parse(info.last_deployed) / 1000)),
    }));
}

/** Helm compresses and encodes a revision, and the API encodes every secret again. */
function storedIn({ data }: KubeObject): StoredRevision {
  const { release = "" } = data as { readonly release?: string };
  const encoded = Buffer.from(release, "base64").toString("utf8");
  return JSON.parse(gunzipSync(Buffer.from(encoded, "base64")).toString("utf8")) as StoredRevision;
}
