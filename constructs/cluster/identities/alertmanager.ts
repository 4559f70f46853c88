import type { ControllerIdentity } from "./identity";

/** Alertmanager publishes to the foundation's topic: delivery without a secret to keep. */
export const alertmanager: ControllerIdentity = {
  controller: "alertmanager",
  namespace: "monitoring",
  serviceAccount: "kube-prometheus-stack-alertmanager",
  statements: ({ alerts }) => [
    { actions: ["sns:Publish"], on: [alerts.topicArn] },
    { actions: ["kms:Decrypt", "kms:GenerateDataKey"], on: [alerts.keyArn] },
  ],
};
