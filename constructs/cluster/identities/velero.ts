import { COLOURS } from "../../../config/fleet";
import type { ControllerIdentity } from "./identity";

/**
 * Velero writes its own colour's prefix of the backup bucket, reads the other's (a restore on the new colour), and
 * snapshots the volumes of its cluster.
 *
 * @see https://github.com/vmware-tanzu/velero-plugin-for-aws#set-permissions-for-velero
 */
export const velero: ControllerIdentity = {
  controller: "velero",
  namespace: "velero",
  serviceAccount: "velero",
  statements: ({ partition, region, account, colour, backups, volumesKeyArn }) => [
    { actions: ["s3:ListBucket"], on: [backups.bucketArn] },
    { actions: ["s3:GetObject"], on: [`${backups.bucketArn}/*`] },
    {
      actions: ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
      on: [`${backups.bucketArn}/${colour}/*`],
    },
    // A restore writes its log and results beside the backup, also where the location is read-only (velero issue 6753).
    {
      actions: ["s3:PutObject"],
      on: COLOURS.filter((other) => other !== colour).map((other) => `${backups.bucketArn}/${other}/restores/*`),
    },
    { actions: ["kms:Decrypt", "kms:GenerateDataKey"], on: [backups.keyArn] },
    { actions: ["ec2:DescribeVolumes", "ec2:DescribeSnapshots"], onAnyBecause: "ActionHasNoResourceLevel" },
    {
      actions: ["ec2:CreateSnapshot", "ec2:CreateVolume", "ec2:CreateTags"],
      on: ["volume", "snapshot"].flatMap((kind) => [
        `arn:${partition}:ec2:${region}:${account}:${kind}/*`,
        `arn:${partition}:ec2:${region}::${kind}/*`,
      ]),
    },
    {
      actions: ["ec2:DeleteSnapshot"],
      on: [`arn:${partition}:ec2:${region}::snapshot/*`],
      when: { StringLike: { "ec2:ResourceTag/velero.io/backup": "*" } },
    },
    { actions: ["kms:Decrypt", "kms:Encrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"], on: [volumesKeyArn] },
    { actions: ["kms:CreateGrant"], on: [volumesKeyArn], when: { Bool: { "kms:GrantIsForAWSResource": "true" } } },
  ],
};
