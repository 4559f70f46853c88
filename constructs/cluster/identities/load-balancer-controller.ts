import type { ControllerIdentity } from "./identity";

/**
 * The AWS Load Balancer Controller puts pods into target groups that Terraform owns, and nothing else: it makes no
 * load balancer, listener, rule or security group, so it gets a tenth of the policy that its own documentation lists.
 *
 * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/targetgroupbinding/targetgroupbinding/
 */
export const loadBalancerController: ControllerIdentity = {
  controller: "aws-load-balancer-controller",
  namespace: "kube-system",
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
};
