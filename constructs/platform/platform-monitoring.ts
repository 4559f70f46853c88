import type { Construct } from "constructs";
import { z } from "zod";
import type { BackupSchedule, ColourName } from "../../config/fleet";
import type { ReleaseDescription } from "../../config/release";
import { MONITORING } from "./namespaces";
import { PinnedRelease } from "./pinned-release";
import type { PlatformContext } from "./platform-context";
import { scheduleName } from "./velero";

/** Options of {@link PlatformMonitoring}. */
export interface PlatformMonitoringProps {
  /**
   * Hours that a backup may be late beyond its schedule before someone is told.
   * @default 2
   */
  readonly backupGraceHours?: number;
}

/**
 * What the stack's own rules do not watch: the autoscaler, backups against their schedules, certificates, the ingress
 * controller, the logs' way. And the dashboards of the platform.
 */
export class PlatformMonitoring extends PinnedRelease {
  static readonly description: ReleaseDescription = {
    name: "platform-monitoring",
    chart: { local: "platform-monitoring" },
    namespace: MONITORING,
    requires: ["kube-prometheus-stack"],
    options: z.strictObject({ backupGraceHours: z.int().min(1).max(168).optional() }),
    without: "A missed backup, an autoscaler that cannot scale and a certificate that ends are noticed by users first.",
    look: ["kubectl -n monitoring get prometheusrule platform -o yaml", "kubectl -n monitoring get configmap -l grafana_dashboard=1"],
  };

  constructor(scope: Construct, platform: PlatformContext, { backupGraceHours = 2 }: PlatformMonitoringProps) {
    const { cluster, colour, name, releaseNames } = platform;
    const has = (release: string): boolean => releaseNames.includes(release);
    super(scope, platform, {
      description: PlatformMonitoring.description,
      values: {
        cluster: name,
        logGroup: `/aws/eks/${name}/cluster`,
        region: cluster.region,
        autoscaler: has("cluster-autoscaler"),
        ingress: has("traefik"),
        logs: has("loki"),
        certificates: has("cert-manager"),
        backupLocation: colour.name,
        backups: has("velero") ? cluster.backups.map((backup) => allowed(backup, colour.name, backupGraceHours)) : [],
      },
    });
  }
}

/** How old the newest backup of a schedule may be. */
function allowed(backup: BackupSchedule, colour: ColourName, graceHours: number): object {
  return { schedule: `velero-${scheduleName(backup, colour)}`, maxAgeSeconds: Math.round((backup.everyHours + graceHours) * 3600) };
}

declare module "../../config/platform-declaration" {
  interface ReleaseOptions {
    readonly "platform-monitoring"?: boolean | PlatformMonitoringProps;
  }
}
