import { Construct } from "constructs";
import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { Route } from "@cdktf/provider-aws/lib/route";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc as AwsVpc } from "@cdktf/provider-aws/lib/vpc";
import type { MadeNetwork, SubnetPlan } from "../../config/fleet";
import { transformed, type NetworkTransforms } from "../../config/transforms";
import { NatGateways } from "./nat-gateways";

/** A subnet and the zone it is in. */
export interface ZonedSubnet {
  readonly id: string;
  readonly zone: string;
  readonly cidr: string;
}

/** Options of {@link Vpc}. */
export interface VpcProps {
  readonly name: string;
  readonly network: MadeNetwork;
  readonly transforms: NetworkTransforms | undefined;
}

/**
 * A VPC with a private subnet per zone for nodes and pods, a small public one per zone for load balancer and NAT, and
 * a default security group that admits nothing, so that a resource which forgets its group is unreachable, not open.
 */
export class Vpc extends Construct {
  readonly vpcId: string;
  readonly privateSubnets: readonly ZonedSubnet[];
  readonly publicSubnets: readonly ZonedSubnet[];
  readonly privateRouteTableIds: readonly string[];

  constructor(scope: Construct, id: string, { name, network, transforms }: VpcProps) {
    super(scope, id);
    const vpc = new AwsVpc(
      this,
      "vpc",
      transformed(transforms?.vpc, { cidrBlock: network.cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: { Name: name } }, id),
    );
    new DefaultSecurityGroup(this, "closed-default", { vpcId: vpc.id, tags: { Name: `${name} default, closed` } });
    const internet = new InternetGateway(this, "internet", { vpcId: vpc.id, tags: { Name: name } });

    const makeSubnet = (kind: "private" | "public", role: string) => (plan: SubnetPlan) => {
      const subnetId = `${kind}-${plan.zone.slice(-1)}`;
      const subnet = new Subnet(
        this,
        subnetId,
        transformed(
          transforms?.subnet,
          { vpcId: vpc.id, cidrBlock: plan.cidr, availabilityZone: plan.zone, tags: { Name: `${name}-${subnetId}`, [role]: "1" } },
          subnetId,
        ),
      );
      return { id: subnet.id, zone: plan.zone, cidr: plan.cidr };
    };
    this.publicSubnets = network.publicSubnets.map(makeSubnet("public", "kubernetes.io/role/elb"));
    this.privateSubnets = network.privateSubnets.map(makeSubnet("private", "kubernetes.io/role/internal-elb"));

    const publicRoutes = new RouteTable(this, "public-routes", { vpcId: vpc.id, tags: { Name: `${name}-public` } });
    new Route(this, "to-internet", { routeTableId: publicRoutes.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: internet.id });
    this.associate(publicRoutes.id, this.publicSubnets, "public");

    const nat = new NatGateways(this, "nat", {
      name,
      mode: network.nat,
      subnets: this.publicSubnets,
      internet,
      transform: transforms?.natGateway,
    });
    this.privateRouteTableIds = this.privateSubnets.map((subnet) => {
      const letter = subnet.zone.slice(-1);
      const table = new RouteTable(this, `private-routes-${letter}`, { vpcId: vpc.id, tags: { Name: `${name}-private-${letter}` } });
      const natGatewayId = nat.gatewayFor(subnet.zone);
      if (natGatewayId !== undefined) {
        new Route(this, `to-nat-${letter}`, { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", natGatewayId });
      }
      this.associate(table.id, [subnet], "private");
      return table.id;
    });
    this.vpcId = vpc.id;
  }

  private associate(routeTableId: string, subnets: readonly ZonedSubnet[], kind: string): void {
    for (const { id, zone } of subnets) {
      new RouteTableAssociation(this, `${kind}-association-${zone.slice(-1)}`, { routeTableId, subnetId: id });
    }
  }
}
