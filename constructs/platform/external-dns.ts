import type { Construct } from "constructs";
import { z } from "zod";
import type { ValuesOf } from "../../config/key-tree";
import type { ReleaseDescription } from "../../config/release";
import chart from "../../facts/charts/external-dns.json";
import type { ControllerIdentity } from "../cluster/identities/identity";
import { PinnedRelease } from "./pinned-release";
import type { PlatformContext } from "./platform-context";
import { ON_SYSTEM_NODES, PRIORITY, resources } from "./scheduling";

/** Options of {@link ExternalDns}. */
export interface ExternalDnsProps {
  /**
   * Kinds of objects whose host names become records.
   * @default ["ingress"]
   */
  readonly sources?: readonly ("ingress" | "service")[];
}

const NAME = "external-dns";

/**
 * Makes DNS records of host names in the cluster. Rarely needed: the wildcard record already covers one level below the
 * cluster's domain. It never deletes a record, because the other colour may still need it.
 *
 * @see https://kubernetes-sigs.github.io/external-dns/
 */
export class ExternalDns extends PinnedRelease<ValuesOf<typeof chart.keys>> {
  static readonly description: ReleaseDescription = {
    name: NAME,
    chart: { locked: NAME },
    namespace: { name: NAME, podSecurity: "restricted" },
    onRequest: true,
    requires: ["platform-classes", "kube-prometheus-stack"],
    options: z.strictObject({
      sources: z
        .array(z.enum(["ingress", "service"]))
        .min(1)
        .optional(),
    }),
    without: "Host names more than one level below the cluster's domain need a record by hand.",
    look: ["kubectl -n external-dns logs deploy/external-dns"],
  };

  static readonly identities: readonly ControllerIdentity[] = [
    {
      controller: NAME,
      namespace: NAME,
      serviceAccount: NAME,
      statements: ({ zoneArn }) => [
        { actions: ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets", "route53:ListTagsForResources"], on: [zoneArn] },
        { actions: ["route53:ListHostedZones"], onAnyBecause: "ActionHasNoResourceLevel" },
      ],
    },
  ];

  constructor(scope: Construct, platform: PlatformContext, { sources = ["ingress"] }: ExternalDnsProps) {
    const { cluster, facts } = platform;
    super(scope, platform, {
      description: ExternalDns.description,
      keys: chart.keys,
      values: {
        ...ON_SYSTEM_NODES,
        priorityClassName: PRIORITY.standard,
        resources: resources("20m", "64Mi", "128Mi"),
        provider: { name: "aws" },
        policy: "upsert-only",
        registry: "txt",
        // One owner for both colours, so that the new one may change what the old one made.
        txtOwnerId: ownerOf(platform),
        txtPrefix: "external-dns-",
        domainFilters: [facts.domain],
        // The fleet's zone holds the names of every cluster, so it is above the filter.
        extraArgs: ["--aws-zone-match-parent"],
        sources: [...sources],
        serviceAccount: { name: NAME },
        env: [{ name: "AWS_REGION", value: cluster.region }],
        serviceMonitor: { enabled: true },
      },
    });
  }
}

function ownerOf({ name, colour }: PlatformContext): string {
  return name.slice(0, -(colour.name.length + 1));
}

declare module "../../config/platform-declaration" {
  interface ReleaseOptions {
    readonly "external-dns"?: boolean | ExternalDnsProps;
  }
}
