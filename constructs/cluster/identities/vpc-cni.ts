import type { ControllerIdentity } from "./identity";

/** The VPC CNI attaches interfaces and addresses to its node. */
export const vpcCni: ControllerIdentity = {
  controller: "vpc-cni",
  namespace: "kube-system",
  serviceAccount: "aws-node",
  managedPolicies: ["AmazonEKS_CNI_Policy"],
  statements: () => [],
};
