import type { Construct } from "constructs";
import { z } from "zod";
import type { ValuesOf } from "../../config/key-tree";
import type { ReleaseDescription } from "../../config/release";
import chart from "../../facts/charts/cert-manager.json";
import type { ControllerIdentity } from "../cluster/identities/identity";
import { PinnedRelease } from "./pinned-release";
import type { PlatformContext } from "./platform-context";
import { ON_SYSTEM_NODES, PRIORITY, resources } from "./scheduling";

/** Options of {@link CertManager}. */
export interface CertManagerProps {
  /**
   * Pods of each part. The webhook refuses every certificate while none of it runs.
   * @default 2
   */
  readonly replicas?: number;
}

const NAME = "cert-manager";

/**
 * Certificates for what ends TLS within the cluster; the load balancer has its own. Issuers are the user's: it may prove
 * the cluster's domain to one through DNS.
 *
 * @see https://cert-manager.io/docs/
 */
export class CertManager extends PinnedRelease<ValuesOf<typeof chart.keys>> {
  static readonly description: ReleaseDescription = {
    name: NAME,
    chart: { locked: NAME },
    namespace: { name: NAME, podSecurity: "restricted" },
    onRequest: true,
    requires: ["platform-classes", "kube-prometheus-stack"],
    options: z.strictObject({ replicas: z.int().min(1).max(5).optional() }),
    without: "Certificates within the cluster are made and renewed by hand.",
    look: ["kubectl get certificates,certificaterequests -A"],
  };

  static readonly identities: readonly ControllerIdentity[] = [
    {
      controller: NAME,
      namespace: NAME,
      serviceAccount: NAME,
      // https://cert-manager.io/docs/configuration/acme/dns01/route53/
      statements: ({ partition, zoneArn }) => [
        { actions: ["route53:GetChange"], on: [`arn:${partition}:route53:::change/*`] },
        { actions: ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"], on: [zoneArn] },
        { actions: ["route53:ListHostedZonesByName"], onAnyBecause: "ActionHasNoResourceLevel" },
      ],
    },
  ];

  constructor(scope: Construct, platform: PlatformContext, { replicas = 2 }: CertManagerProps) {
    const budget = { enabled: replicas > 1, maxUnavailable: 1 };
    super(scope, platform, {
      description: CertManager.description,
      keys: chart.keys,
      values: {
        ...ON_SYSTEM_NODES,
        global: { priorityClassName: PRIORITY.standard, leaderElection: { namespace: NAME } },
        crds: { enabled: true, keep: true },
        replicaCount: replicas,
        resources: resources("20m", "64Mi", "256Mi"),
        podDisruptionBudget: budget,
        webhook: { ...ON_SYSTEM_NODES, replicaCount: replicas, resources: resources("20m", "32Mi", "128Mi"), podDisruptionBudget: budget },
        cainjector: {
          ...ON_SYSTEM_NODES,
          replicaCount: replicas,
          resources: resources("20m", "96Mi", "256Mi"),
          podDisruptionBudget: budget,
        },
        startupapicheck: { ...ON_SYSTEM_NODES, resources: resources("10m", "32Mi", "64Mi") },
        prometheus: { servicemonitor: { enabled: true } },
      },
    });
  }
}

declare module "../../config/platform-declaration" {
  interface ReleaseOptions {
    readonly "cert-manager"?: boolean | CertManagerProps;
  }
}
