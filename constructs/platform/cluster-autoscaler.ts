import type { Construct } from "constructs";
import { z } from "zod";
import type { ValuesOf } from "../../config/key-tree";
import type { ReleaseDescription } from "../../config/release";
import chart from "../../facts/charts/cluster-autoscaler.json";
import type { ControllerIdentity } from "../cluster/identities/identity";
import { KUBE_SYSTEM } from "./namespaces";
import { PinnedRelease } from "./pinned-release";
import type { PlatformContext } from "./platform-context";
import { ON_SYSTEM_NODES, PRIORITY, resources, RESTRICTED_CONTAINER, RESTRICTED_POD, spread } from "./scheduling";

/** Options of {@link ClusterAutoscaler}. */
export interface ClusterAutoscalerProps {
  /**
   * How long a node stays unneeded before it is removed, in minutes. Shorter saves money and evicts more pods.
   * @default 10
   */
  readonly scaleDownAfterMinutes?: number;
  /**
   * How long a node may take to arrive, in minutes, before another group is tried: what a pod waits at most for spot
   * capacity that is not there.
   * @default 5
   */
  readonly provisionTimeoutMinutes?: number;
}

const NAME = "cluster-autoscaler";

/**
 * Groups by preference. EKS names an Auto Scaling group `eks-<node group>-<uuid>`, and `nodeGroupName` ends a node
 * group's name with way of buying, zone and digest, so a group called "spot-check" is not mistaken for a spot group.
 */
export const EXPANDER_PRIORITIES = "20:\n  - ^eks-.+-spot-([a-z]-)?[0-9a-f]{6}-.*\n10:\n  - .*\n";

/**
 * Adds nodes when pods wait and removes them when they idle; spot first, on-demand when spot is out.
 *
 * @see https://github.com/kubernetes/autoscaler/tree/master/cluster-autoscaler
 */
export class ClusterAutoscaler extends PinnedRelease<ValuesOf<typeof chart.keys>> {
  static readonly description: ReleaseDescription = {
    name: NAME,
    chart: { locked: NAME },
    namespace: KUBE_SYSTEM,
    requires: ["platform-classes", "kube-prometheus-stack"],
    options: z.strictObject({
      scaleDownAfterMinutes: z.int().min(1).max(1440).optional(),
      provisionTimeoutMinutes: z.int().min(2).max(60).optional(),
    }),
    without: "Pods that do not fit stay Pending, and idle nodes stay on the bill.",
    look: [
      "kubectl -n kube-system get configmap cluster-autoscaler-status -o jsonpath='{.data.status}'",
      "kubectl get events -A --field-selector source=cluster-autoscaler",
    ],
  };

  static readonly identities: readonly ControllerIdentity[] = [
    {
      controller: NAME,
      namespace: KUBE_SYSTEM.name,
      serviceAccount: NAME,
      statements: ({ partition, region, account, clusterName }) => [
        {
          actions: [
            "autoscaling:DescribeAutoScalingGroups",
            "autoscaling:DescribeAutoScalingInstances",
            "autoscaling:DescribeLaunchConfigurations",
            "autoscaling:DescribeScalingActivities",
            "autoscaling:DescribeTags",
            "ec2:DescribeImages",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeLaunchTemplateVersions",
            "ec2:GetInstanceTypesFromInstanceRequirements",
          ],
          onAnyBecause: "ActionHasNoResourceLevel",
        },
        // Labels and taints of a group that has no node yet.
        { actions: ["eks:DescribeNodegroup"], on: [`arn:${partition}:eks:${region}:${account}:nodegroup/${clusterName}/*/*`] },
        {
          actions: ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
          onAnyBecause: "ResourceIdIsMadeByAws",
          when: { StringEquals: { [`aws:ResourceTag/k8s.io/cluster-autoscaler/${clusterName}`]: "owned" } },
        },
      ],
    },
  ];

  constructor(
    scope: Construct,
    platform: PlatformContext,
    { scaleDownAfterMinutes = 10, provisionTimeoutMinutes = 5 }: ClusterAutoscalerProps,
  ) {
    const { cluster, colour, facts } = platform;
    super(scope, platform, {
      description: ClusterAutoscaler.description,
      keys: chart.keys,
      values: {
        ...ON_SYSTEM_NODES,
        fullnameOverride: NAME,
        replicaCount: 2,
        priorityClassName: PRIORITY.critical,
        resources: resources("50m", "192Mi", "512Mi"),
        securityContext: { ...RESTRICTED_POD, runAsUser: 65534, runAsGroup: 65534, fsGroup: 65534 },
        containerSecurityContext: RESTRICTED_CONTAINER,
        topologySpreadConstraints: [...spread({ "app.kubernetes.io/instance": NAME })],
        // Simulating another minor's scheduler, it would add nodes that do not help.
        image: { tag: colour.versions.clusterAutoscaler },
        awsRegion: cluster.region,
        autoDiscovery: { clusterName: facts.clusterName },
        rbac: { serviceAccount: { name: NAME } },
        expanderPriorities: EXPANDER_PRIORITIES,
        extraArgs: {
          expander: "priority,least-waste",
          "max-node-provision-time": `${provisionTimeoutMinutes}m0s`,
          "scale-down-unneeded-time": `${scaleDownAfterMinutes}m0s`,
          "balance-similar-node-groups": true,
          // Every node has them, so they say nothing about whether it is needed.
          "ignore-daemonsets-utilization": true,
          // Almost every pod has an emptyDir; keeping each node for that would keep all.
          "skip-nodes-with-local-storage": false,
          // The system nodes run little else, and may still be removed when there are two too many.
          "skip-nodes-with-system-pods": false,
        },
        serviceMonitor: { enabled: true, namespace: KUBE_SYSTEM.name },
      },
    });
  }
}

declare module "../../config/platform-declaration" {
  interface ReleaseOptions {
    readonly "cluster-autoscaler"?: boolean | ClusterAutoscalerProps;
  }
}
