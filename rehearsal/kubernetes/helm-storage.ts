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
  /** When it was installed first, in milliseconds since 1970. */
  readonly installedAt: number;
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

/** Where Helm itself keeps the releases of a cluster: what is read here does not depend on who installed it. */
export class HelmStorage {
  /** Revisions that were read, by what changes when they do. */
  private known = new Map<string, InstalledRelease>();

  constructor(
    private readonly cluster: string,
    private readonly client: KubeClient,
  ) {}

  /** The releases that are deployed, in the order of their first installation; the same object while nothing changed. */
  async releases(): Promise<readonly InstalledRelease[]> {
    const secrets = await this.client.list("v1", "Secret", { selector: "owner=helm,status=deployed" });
    this.known = new Map(
      secrets.map((secret) => {
        const key = `${secret.metadata.uid ?? ""} ${secret.metadata.resourceVersion ?? ""}`;
        return [key, this.known.get(key) ?? installed(this.cluster, secret)];
      }),
    );
    return [...this.known.values()].sort((a, b) => a.installedAt - b.installedAt);
  }
}

function installed(cluster: string, secret: KubeObject): InstalledRelease {
  const { name, namespace, manifest, info, chart } = storedIn(secret);
  return {
    cluster,
    name,
    namespace,
    chart: chart.metadata.name,
    version: chart.metadata.version,
    manifest,
    installedAt: Date.parse(info.first_deployed),
    // Helm notes when it began, and its storage when it wrote that all is deployed.
    seconds: Math.max(0, Number(secret.metadata.labels?.["modifiedAt"] ?? 0) - Math.floor(Date.parse(info.last_deployed) / 1000)),
  };
}

/** Helm compresses and encodes a revision, and the API encodes every secret again. */
function storedIn({ data }: KubeObject): StoredRevision {
  const { release = "" } = data as { readonly release?: string };
  const encoded = Buffer.from(release, "base64").toString("utf8");
  return JSON.parse(gunzipSync(Buffer.from(encoded, "base64")).toString("utf8")) as StoredRevision;
}
