import type { App } from "cdktf";
import type { Cluster } from "../config/fleet";
import { clusterName } from "../config/names";
import { Endpoints } from "../constructs/network/endpoints";
import { FlowLogs } from "../constructs/network/flow-logs";
import { Vpc, type ZonedSubnet } from "../constructs/network/vpc";
import { exportFacts, FleetStack, type Synthesis } from "./fleet-stack";
import type { FoundationFacts } from "./foundation-stack";

/** What other stacks may know of a network, made or adopted. */
export interface NetworkFacts {
  readonly vpcId: string;
  readonly cidr: string;
  readonly privateSubnets: readonly ZonedSubnet[];
  readonly publicSubnets: readonly ZonedSubnet[];
}

/** Options of {@link NetworkStack}. */
export interface NetworkStackProps {
  readonly synthesis: Synthesis;
  readonly cluster: Cluster;
  readonly foundation: FoundationFacts;
}

/** The network that both colours of a cluster share. An adopted one has no stack: see `networkFacts`. */
export class NetworkStack extends FleetStack {
  readonly facts: NetworkFacts;

  constructor(app: App, { synthesis, cluster, foundation }: NetworkStackProps) {
    super(app, `${cluster.name}-network`, { synthesis, placement: cluster, tags: { "drydock:cluster": cluster.name } });
    const { network, transform } = cluster;
    if (network.kind === "existing") throw new Error("An adopted network has no stack.");
    const name = clusterName(synthesis.fleet.name, cluster.name);
    const vpc = new Vpc(this, "vpc", { name, network, transforms: transform.network });
    new Endpoints(this, "endpoints", {
      name,
      region: cluster.region,
      vpcId: vpc.vpcId,
      cidr: network.cidr,
      routeTableIds: vpc.privateRouteTableIds,
      subnetIds: vpc.privateSubnets.map(({ id }) => id),
      interfaces: network.interfaceEndpoints,
      transform: transform.network?.endpoint,
    });
    if (network.flowLogDays !== undefined) {
      new FlowLogs(this, "flow-logs", {
        name,
        account: cluster.account,
        vpcId: vpc.vpcId,
        retentionDays: network.flowLogDays,
        boundaryArn: foundation.boundaryArn,
      });
    }
    this.facts = { vpcId: vpc.vpcId, cidr: network.cidr, privateSubnets: vpc.privateSubnets, publicSubnets: vpc.publicSubnets };
    exportFacts(this, this.facts);
    transform.network?.stack?.(this);
  }
}

/** Facts of a cluster's network: of the stack that makes it, or straight from the declaration that adopts it. */
export function networkFacts(app: App, props: NetworkStackProps): NetworkFacts {
  const { network } = props.cluster;
  return network.kind === "existing" ? network : new NetworkStack(app, props).facts;
}
