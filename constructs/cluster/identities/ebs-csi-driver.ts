import type { ControllerIdentity } from "./identity";

/** The EBS CSI driver makes and attaches volumes, encrypted under the role's key. */
export const ebsCsiDriver: ControllerIdentity = {
  controller: "ebs-csi-driver",
  namespace: "kube-system",
  serviceAccount: "ebs-csi-controller-sa",
  managedPolicies: ["service-role/AmazonEBSCSIDriverPolicy"],
  statements: ({ volumesKeyArn }) => [
    { actions: ["kms:Decrypt", "kms:Encrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"], on: [volumesKeyArn] },
    {
      actions: ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
      on: [volumesKeyArn],
      when: { Bool: { "kms:GrantIsForAWSResource": "true" } },
    },
  ],
};
