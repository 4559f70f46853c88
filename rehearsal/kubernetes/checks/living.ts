import { parseAllDocuments } from "yaml";
import type { InstalledRelease } from "../helm-storage";
import type { GroupFacts } from "../nodes";
import type { KubeClient } from "../kube-client";
import type { KubeObject, Pod } from "../kube-objects";

/** Something that a check found. */
export interface Finding {
  /** Release that it is about; empty when it is about the cluster. */
  readonly release: string;
  readonly check: string;
  /** A problem fails the rehearsal; a note only stands in the report. */
  readonly severity: "problem" | "note";
  readonly message: string;
}

/** A cluster with its releases, as checks look at it. */
export interface Living {
  readonly client: KubeClient;
  /** Kubernetes minor, such as `1.36`. */
  readonly minor: string;
  readonly releases: readonly InstalledRelease[];
  /** Objects that each release's manifest names, by release. */
  readonly objects: ReadonlyMap<string, readonly KubeObject[]>;
  readonly workloads: readonly KubeObject[];
  readonly pods: readonly Pod[];
  readonly groups: readonly GroupFacts[];
  /** Release that an object belongs to, through its owners; empty when it belongs to none. */
  readonly releaseOf: (object: KubeObject) => string;
}

const OWNERS: readonly (readonly [apiVersion: string, kind: string])[] = [
  ["apps/v1", "Deployment"],
  ["apps/v1", "StatefulSet"],
  ["apps/v1", "DaemonSet"],
  ["apps/v1", "ReplicaSet"],
  ["batch/v1", "Job"],
  ["monitoring.coreos.com/v1", "Prometheus"],
  ["monitoring.coreos.com/v1", "Alertmanager"],
];

/** Reads what all checks need, once. */
export async function look(
  client: KubeClient,
  minor: string,
  releases: readonly InstalledRelease[],
  groups: readonly GroupFacts[],
): Promise<Living> {
  const owners = (await Promise.all(OWNERS.map(([apiVersion, kind]) => client.list(apiVersion, kind)))).flat();
  const byUid = new Map(owners.map((owner) => [owner.metadata.uid ?? "", owner]));
  const releaseOf = (object: KubeObject): string => {
    const [owner] = object.metadata.ownerReferences ?? [];
    const next = owner && byUid.get(owner.uid);
    return next ? releaseOf(next) : (object.metadata.annotations?.["meta.helm.sh/release-name"] ?? "");
  };
  return {
    client,
    minor,
    releases,
    objects: new Map(releases.map((release) => [release.name, objectsOf(release)])),
    workloads: owners.filter(({ kind }) => ["Deployment", "StatefulSet", "DaemonSet"].includes(kind)),
    pods: await client.list<Pod>("v1", "Pod"),
    groups,
    releaseOf,
  };
}

/** Definitions make manifests long; a release that did not change since the last look is not read again. */
const READ = new WeakMap<InstalledRelease, readonly KubeObject[]>();

function objectsOf(release: InstalledRelease): readonly KubeObject[] {
  const known = READ.get(release);
  if (known) return known;
  const objects = parseAllDocuments(release.manifest)
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object): object is KubeObject => object?.kind !== undefined)
    .map((object) => ({ ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? release.namespace } }));
  READ.set(release, objects);
  return objects;
}
