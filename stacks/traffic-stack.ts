import type { App } from "cdktf";
import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import { COLOURS, type Cluster, type ColourName, type Foundation } from "../config/fleet";
import { clusterName, colourName } from "../config/names";
import { Certificate } from "../constructs/traffic/certificate";
import { LoadBalancer } from "../constructs/traffic/load-balancer";
import { WeightedListener } from "../constructs/traffic/weighted-listener";
import { awsProvider, exportFacts, FleetStack, type Synthesis } from "./fleet-stack";
import type { FoundationFacts } from "./foundation-stack";
import type { NetworkFacts } from "./network-stack";

/** What other stacks may know of the way in. */
export interface TrafficFacts {
  readonly domain: string;
  readonly loadBalancerDnsName: string;
  readonly loadBalancerSecurityGroupId: string;
  readonly targetGroupArns: Readonly<Record<ColourName, string>>;
}

/** Options of {@link TrafficStack}. */
export interface TrafficStackProps {
  readonly synthesis: Synthesis;
  readonly cluster: Cluster;
  readonly network: NetworkFacts;
  readonly foundation: FoundationFacts;
  /** Where the cluster's DNS zone lives. */
  readonly zoneHome: Foundation;
}

/** The way in: one load balancer for both colours, whose weights say who serves. */
export class TrafficStack extends FleetStack {
  readonly facts: TrafficFacts;

  constructor(app: App, { synthesis, cluster, network, foundation, zoneHome }: TrafficStackProps) {
    super(app, `${cluster.name}-traffic`, { synthesis, placement: cluster, tags: { "drydock:cluster": cluster.name } });
    const { fleet } = synthesis;
    const transforms = cluster.transform.traffic;
    const name = clusterName(fleet.name, cluster.name);
    const zoneId = foundation.zoneIdFor(cluster.domain);
    const dnsProvider = zoneHome.account === cluster.account ? undefined : awsProvider(this, zoneHome, this.defaultTags, "dns");

    const balancer = new LoadBalancer(this, "load-balancer", {
      name,
      vpcId: network.vpcId,
      cidr: network.cidr,
      subnetIds: network.publicSubnets.map(({ id }) => id),
      allowFrom: cluster.traffic.allowFrom,
      protect: cluster.protect,
      transform: transforms?.loadBalancer,
    });
    const certificate = new Certificate(this, "certificate", {
      domain: cluster.domain,
      zoneId,
      dnsProvider,
      transform: transforms?.certificate,
    });
    const listener = new WeightedListener(this, "listener", {
      loadBalancerArn: balancer.arn,
      vpcId: network.vpcId,
      certificateArn: certificate.validArn,
      colours: COLOURS.map((colour) => ({
        name: colour,
        targetGroupName: colourName(fleet.name, cluster.name, colour),
        weight: cluster.colours.find((running) => running.name === colour)?.weight ?? 0,
      })),
      transforms: { listener: transforms?.listener, targetGroup: transforms?.targetGroup },
    });
    new Route53Record(this, "wildcard", {
      provider: dnsProvider,
      zoneId,
      name: `*.${cluster.domain}`,
      type: "A",
      alias: { name: balancer.dnsName, zoneId: balancer.zoneId, evaluateTargetHealth: true },
    });
    this.facts = {
      domain: cluster.domain,
      loadBalancerDnsName: balancer.dnsName,
      loadBalancerSecurityGroupId: balancer.securityGroupId,
      targetGroupArns: listener.targetGroupArns,
    };
    exportFacts(this, this.facts);
    transforms?.stack?.(this);
  }
}
