import type { BackupScheduleDeclaration, ClusterDeclaration, NodeGroupDeclaration } from "./cluster-declaration";

/** What a preset leaves to its caller: the network, and whatever should differ from the preset. */
export type PresetOptions = Partial<ClusterDeclaration> & Pick<ClusterDeclaration, "network">;

const HOURLY_AND_WEEKLY: Readonly<Record<string, BackupScheduleDeclaration>> = {
  hourly: { cron: "17 * * * *", keepDays: 3 },
  weekly: { cron: "41 2 * * 0", keepDays: 90 },
};

// Three types of one size (4 vCPU, 16 GiB): spot draws from three pools, and the autoscaler can simulate the group.
const GENERAL_SPOT: NodeGroupDeclaration = {
  instanceTypes: ["m6i.xlarge", "m5.xlarge", "m5a.xlarge"],
  capacity: "spot",
  min: 1,
  max: 20,
};

/** Three zones, a NAT gateway in each, spot nodes with on-demand fallback, hourly and weekly backups, protected. */
export function production(options: PresetOptions): ClusterDeclaration {
  return {
    protect: true,
    backups: HOURLY_AND_WEEKLY,
    logs: { controlPlane: 90, containers: 90 },
    nodes: {
      groups: {
        system: { instanceTypes: ["m6i.large", "m5.large"], volumes: true, min: 1, max: 3 },
        general: GENERAL_SPOT,
      },
    },
    ...options,
    network: "existing" in options.network ? options.network : { nat: "per-zone", ...options.network },
  };
}

/** The shape of production in two zones with one NAT gateway and daily backups. */
export function staging(options: PresetOptions): ClusterDeclaration {
  return {
    logs: { controlPlane: 30, containers: 14 },
    nodes: {
      groups: {
        system: { instanceTypes: ["m6i.large", "m5.large"], volumes: true, min: 1, max: 2 },
        general: { ...GENERAL_SPOT, max: 8 },
      },
    },
    ...options,
    network: "existing" in options.network ? options.network : { zones: 2, ...options.network },
  };
}

/** Small and short-lived: leaves nothing behind when it is off. */
export function playground(options: PresetOptions): ClusterDeclaration {
  return {
    whenOff: "nothing",
    backups: {},
    logs: { controlPlane: 7, containers: 7 },
    nodes: {
      groups: {
        system: { instanceTypes: ["t3.large", "t3a.large"], volumes: true, min: 1, max: 1 },
        general: { instanceTypes: ["t3.xlarge", "t3a.xlarge", "m5.xlarge"], capacity: "spot", min: 0, max: 4 },
      },
    },
    ...options,
    network: "existing" in options.network ? options.network : { zones: 2, ...options.network },
  };
}
