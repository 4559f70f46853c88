import type { ControllerIdentity } from "./identity";

/**
 * The cluster autoscaler resizes the groups that EKS tagged for this cluster. `eks:DescribeNodegroup` tells it the
 * labels and taints of a group that has no node yet.
 *
 * @see https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md
 */
export const clusterAutoscaler: ControllerIdentity = {
  controller: "cluster-autoscaler",
  namespace: "kube-system",
  serviceAccount: "cluster-autoscaler",
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
    { actions: ["eks:DescribeNodegroup"], on: [`arn:${partition}:eks:${region}:${account}:nodegroup/${clusterName}/*/*`] },
    {
      actions: ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
      onAnyBecause: "ResourceIdIsMadeByAws",
      when: { StringEquals: { [`aws:ResourceTag/k8s.io/cluster-autoscaler/${clusterName}`]: "owned" } },
    },
  ],
};
