import type { Construct } from "constructs";
import { z } from "zod";
import type { ValuesOf } from "../../config/key-tree";
import type { ReleaseDescription } from "../../config/release";
import chart from "../../facts/charts/descheduler.json";
import { KUBE_SYSTEM } from "./namespaces";
import { PinnedRelease } from "./pinned-release";
import type { PlatformContext } from "./platform-context";
import { ON_SYSTEM_NODES, PRIORITY, resources, RESTRICTED_POD } from "./scheduling";

/** What breaks a rule of placement today. Nothing that levels load: it would move pods to nodes the autoscaler is about to remove. */
const PLUGINS = {
  balance: ["RemoveDuplicates", "RemovePodsViolatingTopologySpreadConstraint"],
  deschedule: ["RemovePodsViolatingNodeTaints", "RemovePodsViolatingNodeAffinity", "RemovePodsViolatingInterPodAntiAffinity"],
};

const PROFILE = {
  name: "placement",
  pluginConfig: [
    // A pod with a volume cannot leave its zone; one with an emptyDir may go.
    { name: "DefaultEvictor", args: { podProtections: { defaultDisabled: ["PodsWithLocalStorage"], extraEnabled: ["PodsWithPVC"] } } },
    { name: "RemovePodsViolatingNodeAffinity", args: { nodeAffinityType: ["requiredDuringSchedulingIgnoredDuringExecution"] } },
    ...[...PLUGINS.balance, "RemovePodsViolatingNodeTaints", "RemovePodsViolatingInterPodAntiAffinity"].map((name) => ({ name })),
  ],
  plugins: { balance: { enabled: PLUGINS.balance }, deschedule: { enabled: PLUGINS.deschedule } },
};

/** Options of {@link Descheduler}. */
export interface DeschedulerProps {
  /**
   * How often it looks, in minutes.
   * @default 10
   */
  readonly everyMinutes?: number;
}

/**
 * Evicts pods that would be placed better today: Kubernetes itself never moves a running pod.
 *
 * @see https://github.com/kubernetes-sigs/descheduler
 */
export class Descheduler extends PinnedRelease<ValuesOf<typeof chart.keys>> {
  static readonly description: ReleaseDescription = {
    name: "descheduler",
    chart: { locked: "descheduler" },
    namespace: KUBE_SYSTEM,
    onRequest: true,
    requires: ["platform-classes", "kube-prometheus-stack"],
    options: z.strictObject({ everyMinutes: z.int().min(1).max(1440).optional() }),
    without: "After a zone comes back, pods stay crowded in the others until they are replaced.",
    look: ["kubectl -n kube-system logs deploy/descheduler"],
  };

  constructor(scope: Construct, platform: PlatformContext, { everyMinutes = 10 }: DeschedulerProps) {
    super(scope, platform, {
      description: Descheduler.description,
      keys: chart.keys,
      values: {
        ...ON_SYSTEM_NODES,
        kind: "Deployment",
        deschedulerPolicy: { profiles: [PROFILE] },
        deschedulingInterval: `${everyMinutes}m`,
        replicas: 1,
        priorityClassName: PRIORITY.standard,
        resources: resources("50m", "64Mi", "256Mi"),
        podSecurityContext: RESTRICTED_POD,
        service: { enabled: true },
        serviceMonitor: { enabled: true },
      },
    });
  }
}

declare module "../../config/platform-declaration" {
  interface ReleaseOptions {
    readonly descheduler?: boolean | DeschedulerProps;
  }
}
