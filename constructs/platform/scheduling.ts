export { ON_SYSTEM_NODES } from "../cluster/node-groups";

/** For what runs on every node, whatever its taints. */
export const ON_EVERY_NODE = [{ operator: "Exists" }] as const;

/** Priority classes of the platform, which local-charts/platform-classes makes. */
export const PRIORITY = {
  /** Without it the cluster does not scale, serve or admit. */
  critical: "platform-critical",
  /** Everything else of the platform: still before any workload. */
  standard: "platform",
} as const;

/** What a container asks for and may use, as Kubernetes writes quantities. */
export type Resources = Readonly<{ requests: Readonly<{ cpu: string; memory: string }>; limits: Readonly<{ memory: string }> }>;

/** CPU and memory that a container asks for, and the most memory it may use. CPU is not limited: idle CPU is free. */
export function resources(cpu: string, memory: string, memoryLimit: string): Resources {
  return { requests: { cpu, memory }, limits: { memory: memoryLimit } };
}

/** Security context of a pod that its namespace admits as restricted. */
export const RESTRICTED_POD = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } } as const;

/** Security context of a container that its namespace admits as restricted. */
export const RESTRICTED_CONTAINER = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
} as const;

/** One replica of each on its own node, and in its own zone, as far as there are any. */
export function spread(labels: Readonly<Record<string, string>>): readonly object[] {
  return ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: labels },
  }));
}
