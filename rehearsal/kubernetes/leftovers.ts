import type { KubeClient } from "./kube-client";
import { describeObject, type KubeObject } from "./kube-objects";

/** Kinds that come and go with the cluster itself. */
const PASSING = [
  "Node",
  "Lease",
  "Event",
  "Endpoints",
  "EndpointSlice",
  "ControllerRevision",
  "CSINode",
  "APIService",
  "ComponentStatus",
  "ServiceCIDR",
  "IPAddress",
];

/** What an API server makes of its own, some of it only a moment after it says that it is ready. */
const OF_THE_SERVER = [
  "Service default/kubernetes",
  "Namespace default",
  "Namespace kube-system",
  "Namespace kube-public",
  "Namespace kube-node-lease",
  "ConfigMap kube-system/extension-apiserver-authentication",
  "ConfigMap kube-system/kube-apiserver-legacy-service-account-token-tracking",
];

/** Something that releases left behind. */
export interface Leftover {
  readonly object: string;
  /** Release that made it; empty when nobody knows. */
  readonly release: string;
  /** Stays on purpose: its chart, or the platform, says so. */
  readonly kept: boolean;
  /** What still holds it, when it is being deleted. */
  readonly finalizers: readonly string[];
}

/** What is there and not of the cluster itself: what the releases left behind. */
export async function leftoversOf(client: KubeClient): Promise<readonly Leftover[]> {
  return (await everything(client))
    .filter((object) => !isOfTheCluster(object))
    .map((object) => ({
      object: describeObject(object),
      release: object.metadata.annotations?.["meta.helm.sh/release-name"] ?? "",
      // Deleting definitions would delete every object of theirs, also those of users.
      kept: object.kind === "CustomResourceDefinition" || object.metadata.annotations?.["helm.sh/resource-policy"] === "keep",
      finalizers: object.metadata.deletionTimestamp === undefined ? [] : (object.metadata.finalizers ?? []),
    }));
}

/** What the rehearsal, or Kubernetes itself, made. */
function isOfTheCluster(object: KubeObject): boolean {
  const {
    kind,
    metadata: { name, namespace = "", labels, annotations },
  } = object;
  const own = ["default", "kube-system", "kube-public", "kube-node-lease"].includes(namespace);
  return (
    labels?.["drydock.dev/rehearsal"] !== undefined ||
    // The API server's own roles and flow schemas; another minor brings others.
    labels?.["kubernetes.io/bootstrapping"] !== undefined ||
    annotations?.["apf.kubernetes.io/autoupdate-spec"] !== undefined ||
    // The prefix is reserved.
    (kind === "PriorityClass" && name.startsWith("system-")) ||
    OF_THE_SERVER.includes(describeObject(object)) ||
    (own && kind === "ConfigMap" && name === "kube-root-ca.crt") ||
    (own && kind === "ServiceAccount" && annotations?.["meta.helm.sh/release-name"] === undefined)
  );
}

async function everything(client: KubeClient): Promise<readonly KubeObject[]> {
  const kinds = (await client.listableKinds()).filter(({ kind }) => !PASSING.includes(kind));
  const objects = await Promise.all(kinds.map(({ apiVersion, kind }) => client.list(apiVersion, kind).catch(() => [])));
  return objects.flat();
}
