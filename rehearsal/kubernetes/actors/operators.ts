import type { KubeObject } from "../kube-objects";
import { runs, type Actor, type ActorStage } from "./actor";

const IMAGE = "prometheus-operator";
const API = "monitoring.coreos.com/v1";

/** What the operator reads from a Prometheus or Alertmanager, as far as scheduling and volumes depend on it. */
interface Monitored extends KubeObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly image?: string;
    readonly resources?: object;
    readonly tolerations?: readonly object[];
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly affinity?: object;
    readonly topologySpreadConstraints?: readonly object[];
    readonly priorityClassName?: string;
    readonly securityContext?: object;
    readonly serviceAccountName?: string;
    readonly storage?: { readonly volumeClaimTemplate?: { readonly metadata?: object; readonly spec?: object } };
    readonly persistentVolumeClaimRetentionPolicy?: object;
  };
}

/** Port and container of each kind. */
const KINDS: Readonly<Record<string, { readonly container: string; readonly port: number }>> = {
  Prometheus: { container: "prometheus", port: 9090 },
  Alertmanager: { container: "alertmanager", port: 9093 },
};

/** The Prometheus operator: its custom resources become the StatefulSets, and with them the claims, that it would make. */
export class Operators implements Actor {
  readonly name = "operators";
  readonly simulates = "the Prometheus operator: StatefulSets and claims of Prometheus and Alertmanager, without their configuration";

  constructor(private readonly stage: ActorStage) {}

  async act(): Promise<void> {
    const { client, mirror } = this.stage;
    for (const kind of Object.keys(KINDS)) {
      const wanted = await mirror.list<Monitored>(API, kind);
      if (wanted.length === 0 || !(await runs(mirror, IMAGE))) continue;
      for (const resource of wanted) {
        if (resource.metadata.deletionTimestamp !== undefined) continue;
        const { name, namespace } = resource.metadata;
        if (await client.find("apps/v1", "StatefulSet", `${kind.toLowerCase()}-${name}`, namespace)) continue;
        await client.create(statefulSetOf(resource));
      }
    }
  }
}

function statefulSetOf(resource: Monitored): KubeObject {
  const { kind, metadata, spec = {} } = resource;
  const { container, port } = KINDS[kind] ?? { container: kind.toLowerCase(), port: 80 };
  const name = `${kind.toLowerCase()}-${metadata.name}`;
  const labels = {
    "app.kubernetes.io/name": container,
    "app.kubernetes.io/instance": metadata.name,
    "app.kubernetes.io/managed-by": "prometheus-operator",
  };
  const template = spec.storage?.volumeClaimTemplate;
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: {
      name,
      namespace: metadata.namespace,
      labels,
      ownerReferences: [{ apiVersion: resource.apiVersion, kind, name: metadata.name, uid: metadata.uid ?? "" }],
    },
    spec: {
      serviceName: `${kind.toLowerCase()}-operated`,
      replicas: spec.replicas ?? 1,
      podManagementPolicy: "Parallel",
      selector: { matchLabels: labels },
      persistentVolumeClaimRetentionPolicy: spec.persistentVolumeClaimRetentionPolicy,
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: spec.serviceAccountName,
          nodeSelector: spec.nodeSelector,
          tolerations: spec.tolerations,
          affinity: spec.affinity,
          topologySpreadConstraints: spec.topologySpreadConstraints,
          priorityClassName: spec.priorityClassName,
          securityContext: spec.securityContext,
          containers: [
            {
              name: container,
              image: spec.image ?? container,
              ports: [{ containerPort: port }],
              resources: spec.resources,
              securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
            },
          ],
        },
      },
      volumeClaimTemplates: template ? [{ metadata: { name: `${name}-db`, ...template.metadata }, spec: template.spec }] : undefined,
    },
  };
}
