import type { Construct } from "constructs";
import { z } from "zod";
import type { ValuesOf } from "../../config/key-tree";
import type { ReleaseDescription } from "../../config/release";
import chart from "../../facts/charts/aws-load-balancer-controller.json";
import type { ControllerIdentity } from "../cluster/identities/identity";
import { KUBE_SYSTEM } from "./namespaces";
import { PinnedRelease } from "./pinned-release";
import type { PlatformContext } from "./platform-context";
import { ON_SYSTEM_NODES, PRIORITY, resources, RESTRICTED_CONTAINER } from "./scheduling";

/** Options of {@link LoadBalancerController}. */
export interface LoadBalancerControllerProps {
  /**
   * Pods, one of which works while the others wait to take over.
   * @default 2
   */
  readonly replicas?: number;
}

/**
 * Puts pods into target groups that Terraform owns, and nothing else: it makes no load balancer, listener, rule or
 * security group, so it gets a tenth of the policy that its own documentation lists.
 *
 * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/targetgroupbinding/targetgroupbinding/
 */
export class LoadBalancerController extends PinnedRelease<ValuesOf<typeof chart.keys>> {
  static readonly description: ReleaseDescription = {
    name: "aws-load-balancer-controller",
    chart: { locked: "aws-load-balancer-controller" },
    namespace: KUBE_SYSTEM,
    requires: ["platform-classes", "kube-prometheus-stack"],
    options: z.strictObject({ replicas: z.int().min(1).max(5).optional() }),
    without: "No ingress pod gets into its target group: the load balancer answers 503.",
    look: ["kubectl -n kube-system logs deploy/aws-load-balancer-controller", "kubectl get targetgroupbinding -A"],
  };

  static readonly identities: readonly ControllerIdentity[] = [
    {
      controller: "aws-load-balancer-controller",
      namespace: KUBE_SYSTEM.name,
      serviceAccount: "aws-load-balancer-controller",
      statements: ({ partition, region, account, clusterName }) => [
        {
          actions: [
            "ec2:DescribeAvailabilityZones",
            "ec2:DescribeInstances",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
          ],
          onAnyBecause: "ActionHasNoResourceLevel",
        },
        {
          actions: ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
          on: [`arn:${partition}:elasticloadbalancing:${region}:${account}:targetgroup/${clusterName}/*`],
        },
      ],
    },
  ];

  constructor(scope: Construct, platform: PlatformContext, { replicas = 2 }: LoadBalancerControllerProps) {
    const { facts, cluster } = platform;
    super(scope, platform, {
      description: LoadBalancerController.description,
      keys: chart.keys,
      values: {
        ...ON_SYSTEM_NODES,
        replicaCount: replicas,
        priorityClassName: PRIORITY.critical,
        resources: resources("50m", "128Mi", "256Mi"),
        podSecurityContext: { fsGroup: 65534, seccompProfile: { type: "RuntimeDefault" } },
        securityContext: { ...RESTRICTED_CONTAINER, runAsNonRoot: true },
        podDisruptionBudget: { maxUnavailable: 1 },
        // Pods cannot ask the node for these: its metadata ends one hop before them.
        clusterName: facts.clusterName,
        region: cluster.region,
        vpcId: facts.vpcId,
        // These webhooks fail closed: while the controller is down no Service and no Ingress could be made, by anyone.
        enableServiceMutatorWebhook: false,
        webhookConfig: { disableIngressValidation: true },
        createIngressClassResource: false,
        ingressClassParams: { create: false },
        enableShield: false,
        enableWaf: false,
        enableWafv2: false,
        enableBackendSecurityGroup: false,
        // Otherwise each upgrade replaces the certificate under running pods.
        keepTLSSecret: true,
        controllerConfig: {
          featureGates: { ALBGatewayAPI: false, NLBGatewayAPI: false, GatewayListenerSet: false, EnableServiceController: false },
        },
        serviceMonitor: { enabled: true },
      },
    });
  }
}

declare module "../../config/platform-declaration" {
  interface ReleaseOptions {
    readonly "aws-load-balancer-controller"?: boolean | LoadBalancerControllerProps;
  }
}
