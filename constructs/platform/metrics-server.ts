import type { Construct } from "constructs";
import { z } from "zod";
import type { ValuesOf } from "../../config/key-tree";
import type { ReleaseDescription } from "../../config/release";
import chart from "../../facts/charts/metrics-server.json";
import { KUBE_SYSTEM } from "./namespaces";
import { PinnedRelease } from "./pinned-release";
import type { PlatformContext } from "./platform-context";
import { ON_SYSTEM_NODES, PRIORITY, resources, spread } from "./scheduling";

/** Options of {@link MetricsServer}. */
export interface MetricsServerProps {
  /**
   * Pods. Two keep `kubectl top` and autoscaling of pods alive while a node is replaced.
   * @default 2
   */
  readonly replicas?: number;
}

/**
 * CPU and memory of pods and nodes, for `kubectl top` and the horizontal pod autoscaler.
 *
 * @see https://github.com/kubernetes-sigs/metrics-server
 */
export class MetricsServer extends PinnedRelease<ValuesOf<typeof chart.keys>> {
  static readonly description: ReleaseDescription = {
    name: "metrics-server",
    chart: { locked: "metrics-server" },
    namespace: KUBE_SYSTEM,
    requires: ["platform-classes", "kube-prometheus-stack"],
    options: z.strictObject({ replicas: z.int().min(1).max(5).optional() }),
    without: "`kubectl top` answers nothing and no HorizontalPodAutoscaler scales.",
    look: ["kubectl top nodes", "kubectl get apiservice v1beta1.metrics.k8s.io"],
  };

  constructor(scope: Construct, platform: PlatformContext, { replicas = 2 }: MetricsServerProps) {
    super(scope, platform, {
      description: MetricsServer.description,
      keys: chart.keys,
      values: {
        ...ON_SYSTEM_NODES,
        replicas,
        priorityClassName: PRIORITY.critical,
        resources: resources("50m", "100Mi", "300Mi"),
        topologySpreadConstraints: spread({ "app.kubernetes.io/name": "metrics-server" }),
        podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
        metrics: { enabled: true },
        serviceMonitor: { enabled: true },
      },
    });
  }
}

declare module "../../config/platform-declaration" {
  interface ReleaseOptions {
    readonly "metrics-server"?: boolean | MetricsServerProps;
  }
}
