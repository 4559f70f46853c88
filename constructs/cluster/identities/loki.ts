import type { ControllerIdentity } from "./identity";

/** Loki keeps chunks and index in its colour's log bucket. */
export const loki: ControllerIdentity = {
  controller: "loki",
  namespace: "logging",
  serviceAccount: "loki",
  statements: ({ logs }) => [
    { actions: ["s3:ListBucket"], on: [logs.bucketArn] },
    { actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], on: [`${logs.bucketArn}/*`] },
    { actions: ["kms:Decrypt", "kms:GenerateDataKey"], on: [logs.keyArn] },
  ],
};
