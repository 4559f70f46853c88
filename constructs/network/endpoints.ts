import { Construct } from "constructs";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcEndpoint, type VpcEndpointConfig } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import type { InterfaceEndpoint } from "../../config/cluster-declaration";
import { transformed, type Transform } from "../../config/transforms";

/** Options of {@link Endpoints}. */
export interface EndpointsProps {
  readonly name: string;
  readonly region: string;
  readonly vpcId: string;
  /** Range of the VPC: who may use the interface endpoints. */
  readonly cidr: string;
  readonly routeTableIds: readonly string[];
  readonly subnetIds: readonly string[];
  readonly interfaces: readonly InterfaceEndpoint[];
  readonly transform: Transform<VpcEndpointConfig> | undefined;
}

/** Ways to AWS that do not pass NAT: S3 always (it is free, and image layers come from there), others as declared. */
export class Endpoints extends Construct {
  constructor(scope: Construct, id: string, props: EndpointsProps) {
    super(scope, id);
    const make = (service: string, config: Omit<VpcEndpointConfig, "vpcId" | "serviceName">) =>
      new VpcEndpoint(
        this,
        service.replaceAll(".", "-"),
        transformed(
          props.transform,
          {
            vpcId: props.vpcId,
            serviceName: `com.amazonaws.${props.region}.${service}`,
            tags: { Name: `${props.name}-${service}` },
            ...config,
          },
          service,
        ),
      );
    make("s3", { vpcEndpointType: "Gateway", routeTableIds: [...props.routeTableIds] });
    if (props.interfaces.length === 0) return;

    const group = new SecurityGroup(this, "group", {
      name: `${props.name}-endpoints`,
      description: "Interface endpoints, reached from within the VPC",
      vpcId: props.vpcId,
      tags: { Name: `${props.name}-endpoints` },
    });
    new VpcSecurityGroupIngressRule(this, "from-vpc", {
      securityGroupId: group.id,
      description: "AWS APIs from within the VPC",
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      cidrIpv4: props.cidr,
    });
    for (const service of props.interfaces) {
      make(service, {
        vpcEndpointType: "Interface",
        privateDnsEnabled: true,
        subnetIds: [...props.subnetIds],
        securityGroupIds: [group.id],
      });
    }
  }
}
