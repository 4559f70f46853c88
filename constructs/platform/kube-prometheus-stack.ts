import type { Construct } from "constructs";
import { z } from "zod";
import type { ValuesOf } from "../../config/key-tree";
import type { ReleaseDescription } from "../../config/release";
import { imageParts, pinnedImages } from "../../config/versions";
import chart from "../../facts/charts/kube-prometheus-stack.json";
import type { ControllerIdentity } from "../cluster/identities/identity";
import { GROUP_LABEL } from "../cluster/node-groups";
import { alertmanagerConfig } from "./monitoring/alertmanager-config";
import { grafanaRole, grafanaValues } from "./monitoring/grafana-values";
import { MONITORING } from "./namespaces";
import { PinnedRelease } from "./pinned-release";
import { STORAGE_CLASS } from "./platform-classes";
import type { PlatformContext } from "./platform-context";
import { ON_EVERY_NODE, ON_SYSTEM_NODES, PRIORITY, resources } from "./scheduling";

/** Options of {@link KubePrometheusStack}. */
export interface KubePrometheusStackProps {
  /**
   * How long metrics are kept, in days.
   * @default 15
   */
  readonly retentionDays?: number;
  /**
   * Size of the volume that holds the metrics, in GiB. The oldest metrics go when it is four fifths full.
   * @default 50
   */
  readonly volumeGiB?: number;
  /**
   * Memory of Prometheus in MiB; it grows with the number of pods.
   * @default 2048
   */
  readonly memoryMiB?: number;
}

const NAME = "kube-prometheus-stack";

/** Service account that the chart makes for Grafana. */
const GRAFANA_ACCOUNT = `${NAME}-grafana`;

/** Alertmanager keeps silences and what it has notified of; both are small. */
const ALERTMANAGER_GIB = 2;

/** Parts of the control plane that EKS runs out of reach, so that their rules would only ever be silent or wrong. */
const OUT_OF_REACH = { enabled: false };

/**
 * Metrics, alerts and dashboards of the cluster itself: Prometheus, Alertmanager, Grafana and their exporters. It comes
 * first, because other charts leave their monitors out, without a word, while its definitions are missing.
 *
 * @see https://github.com/prometheus-community/helm-charts/tree/main/charts/kube-prometheus-stack
 */
export class KubePrometheusStack extends PinnedRelease<ValuesOf<typeof chart.keys>> {
  static readonly description: ReleaseDescription = {
    name: NAME,
    chart: { locked: NAME },
    namespace: MONITORING,
    requires: ["platform-classes", "volume-guard"],
    // The node exporter's.
    hostPorts: [9100],
    options: z.strictObject({
      retentionDays: z.int().min(1).max(365).optional(),
      volumeGiB: z.int().min(5).max(16384).optional(),
      memoryMiB: z.int().min(512).max(262144).optional(),
    }),
    without: "Nobody learns that a node, a volume or a backup is in trouble, and no release can be looked at over time.",
    look: [
      "kubectl -n monitoring port-forward svc/kube-prometheus-stack-grafana 3000:80   # then http://localhost:3000",
      "kubectl -n monitoring get prometheus,alertmanager,prometheusrule",
    ],
  };

  static readonly identities: readonly ControllerIdentity[] = [
    {
      // Alertmanager publishes to topics: delivery without a secret to keep.
      controller: "alertmanager",
      namespace: MONITORING.name,
      serviceAccount: `${NAME}-alertmanager`,
      statements: ({ alerts }) => [
        { actions: ["sns:Publish"], on: [alerts.topicArn, alerts.watchdogTopicArn] },
        { actions: ["kms:Decrypt", "kms:GenerateDataKey"], on: [alerts.keyArn] },
      ],
    },
    {
      // Grafana shows the control plane's logs beside those of containers.
      controller: "grafana",
      namespace: MONITORING.name,
      serviceAccount: GRAFANA_ACCOUNT,
      statements: ({ partition, region, account, clusterName }) => [
        { actions: ["logs:DescribeLogGroups", "logs:StopQuery", "logs:GetQueryResults"], onAnyBecause: "ActionHasNoResourceLevel" },
        {
          actions: ["logs:StartQuery", "logs:GetLogGroupFields", "logs:GetLogEvents", "logs:GetLogRecord"],
          on: [`arn:${partition}:logs:${region}:${account}:log-group:/aws/eks/${clusterName}/cluster:*`],
        },
      ],
    },
  ];

  constructor(
    scope: Construct,
    platform: PlatformContext,
    { retentionDays = 15, volumeGiB = 50, memoryMiB = 2048 }: KubePrometheusStackProps,
  ) {
    const { busybox, kubectl } = pinnedImages;
    super(scope, platform, {
      description: KubePrometheusStack.description,
      keys: chart.keys,
      timeoutMinutes: 15,
      values: {
        crds: {
          upgradeJob: {
            enabled: true,
            ...ON_SYSTEM_NODES,
            resources: resources("20m", "64Mi", "256Mi"),
            image: { busybox: imageParts(busybox), kubectl: imageParts(kubectl) },
          },
        },
        kubeControllerManager: OUT_OF_REACH,
        kubeScheduler: OUT_OF_REACH,
        kubeEtcd: OUT_OF_REACH,
        // On EKS it answers the node alone.
        kubeProxy: OUT_OF_REACH,
        defaultRules: {
          rules: {
            etcd: false,
            kubeControllerManager: false,
            kubeProxy: false,
            kubeSchedulerAlerting: false,
            kubeSchedulerRecording: false,
            windows: false,
          },
        },
        prometheusOperator: {
          ...ON_SYSTEM_NODES,
          priorityClassName: PRIORITY.standard,
          resources: resources("50m", "128Mi", "256Mi"),
          // Endpoints objects are deprecated; slices say the same.
          kubeletEndpointsEnabled: false,
          kubeletEndpointSliceEnabled: true,
          prometheusConfigReloader: { resources: resources("10m", "32Mi", "64Mi") },
          admissionWebhooks: {
            // A rule that cannot be checked right now is better than none.
            failurePolicy: "Ignore",
            patch: { ...ON_SYSTEM_NODES, priorityClassName: PRIORITY.standard, resources: resources("20m", "32Mi", "128Mi") },
          },
        },
        prometheus: {
          prometheusSpec: {
            ...ON_SYSTEM_NODES,
            priorityClassName: PRIORITY.standard,
            resources: resources("200m", `${memoryMiB / 2}Mi`, `${memoryMiB}Mi`),
            externalLabels: { cluster: platform.name },
            retention: `${retentionDays}d`,
            retentionSize: `${Math.floor(volumeGiB * 0.8)}GiB`,
            storageSpec: { volumeClaimTemplate: claim(volumeGiB) },
            persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Retain" },
            // Every monitor and rule of the cluster counts, not only those of this release.
            podMonitorSelectorNilUsesHelmValues: false,
            probeSelectorNilUsesHelmValues: false,
            ruleSelectorNilUsesHelmValues: false,
            scrapeConfigSelectorNilUsesHelmValues: false,
            serviceMonitorSelectorNilUsesHelmValues: false,
          },
        },
        alertmanager: {
          podDisruptionBudget: { enabled: true, minAvailable: 1 },
          config: alertmanagerConfig(platform),
          alertmanagerSpec: {
            ...ON_SYSTEM_NODES,
            priorityClassName: PRIORITY.standard,
            resources: resources("20m", "64Mi", "128Mi"),
            replicas: 2,
            storage: { volumeClaimTemplate: claim(ALERTMANAGER_GIB) },
            persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Retain" },
          },
        },
        grafana: grafanaValues(platform),
        extraManifests: [...grafanaRole(GRAFANA_ACCOUNT)],
        "kube-state-metrics": {
          ...ON_SYSTEM_NODES,
          priorityClassName: PRIORITY.standard,
          resources: resources("20m", "64Mi", "256Mi"),
          // By which the dashboards tell node groups apart.
          metricLabelsAllowlist: [`nodes=[${GROUP_LABEL}]`],
        },
        "prometheus-node-exporter": {
          tolerations: ON_EVERY_NODE,
          priorityClassName: "system-node-critical",
          resources: resources("20m", "32Mi", "64Mi"),
        },
      },
    });
  }
}

function claim(gibibytes: number): object {
  return {
    spec: { storageClassName: STORAGE_CLASS, accessModes: ["ReadWriteOnce"], resources: { requests: { storage: `${gibibytes}Gi` } } },
  };
}

declare module "../../config/platform-declaration" {
  interface ReleaseOptions {
    readonly "kube-prometheus-stack"?: boolean | KubePrometheusStackProps;
  }
}
