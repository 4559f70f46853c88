import type { Construct } from "constructs";
import { z } from "zod";
import type { ValuesOf } from "../../config/key-tree";
import type { ReleaseDescription } from "../../config/release";
import chart from "../../facts/charts/external-secrets.json";
import type { ControllerIdentity } from "../cluster/identities/identity";
import { PinnedRelease } from "./pinned-release";
import type { PlatformContext } from "./platform-context";
import { ON_SYSTEM_NODES, PRIORITY, resources } from "./scheduling";

const NAME = "external-secrets";

/**
 * Brings secrets from AWS Secrets Manager into the cluster, so that none is in git, in state or in a plan. It may read
 * those whose name begins with `<fleet>/<cluster>/`. Stores and what they bring in are the user's.
 *
 * @see https://external-secrets.io/latest/
 */
export class ExternalSecrets extends PinnedRelease<ValuesOf<typeof chart.keys>> {
  static readonly description: ReleaseDescription = {
    name: NAME,
    chart: { locked: NAME },
    namespace: { name: NAME, podSecurity: "restricted" },
    onRequest: true,
    requires: ["platform-classes", "kube-prometheus-stack"],
    options: z.strictObject({}),
    without: "Secrets are made by hand on each colour, or land in git.",
    look: ["kubectl get clustersecretstores,externalsecrets -A"],
  };

  static readonly identities: readonly ControllerIdentity[] = [
    {
      controller: NAME,
      namespace: NAME,
      serviceAccount: NAME,
      statements: ({ secretsArn }) => [
        {
          actions: ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"],
          on: [secretsArn],
        },
      ],
    },
  ];

  constructor(scope: Construct, platform: PlatformContext) {
    super(scope, platform, {
      description: ExternalSecrets.description,
      keys: chart.keys,
      values: {
        global: ON_SYSTEM_NODES,
        // Deleting a definition deletes every secret that was made through it.
        crds: { annotations: { "helm.sh/resource-policy": "keep" } },
        leaderElect: true,
        replicaCount: 2,
        priorityClassName: PRIORITY.standard,
        resources: resources("20m", "96Mi", "256Mi"),
        podDisruptionBudget: { enabled: true, minAvailable: 1 },
        webhook: {
          replicaCount: 2,
          priorityClassName: PRIORITY.standard,
          resources: resources("10m", "48Mi", "128Mi"),
          podDisruptionBudget: { enabled: true, minAvailable: 1 },
        },
        certController: { priorityClassName: PRIORITY.standard, resources: resources("10m", "64Mi", "256Mi") },
        // Loud where the definitions of monitors are missing, instead of silently unwatched.
        serviceMonitor: { enabled: true, renderMode: "failIfMissing" },
      },
    });
  }
}

declare module "../../config/platform-declaration" {
  interface ReleaseOptions {
    readonly "external-secrets"?: boolean;
  }
}
