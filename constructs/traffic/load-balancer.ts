import { Construct } from "constructs";
import { Lb, type LbConfig } from "@cdktf/provider-aws/lib/lb";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { transformed, type Transform } from "../../config/transforms";

/** Ports of the ingress controller's pods: requests, and the health check. */
export const INGRESS_PORTS = { requests: 8000, health: 8080 } as const;

/** Options of {@link LoadBalancer}. */
export interface LoadBalancerProps {
  readonly name: string;
  readonly vpcId: string;
  /** Range of the VPC: where the ingress pods are. */
  readonly cidr: string;
  readonly subnetIds: readonly string[];
  /** Ranges that may send requests. */
  readonly allowFrom: readonly string[];
  readonly protect: boolean;
  readonly transform: Transform<LbConfig> | undefined;
}

/** The public ALB. Terraform owns it, not a controller, so a switch is a weight and a destroyed cluster leaves none behind. */
export class LoadBalancer extends Construct {
  readonly arn: string;
  readonly dnsName: string;
  readonly zoneId: string;
  readonly securityGroupId: string;

  constructor(scope: Construct, id: string, props: LoadBalancerProps) {
    super(scope, id);
    const group = new SecurityGroup(this, "group", {
      name: `${props.name}-alb`,
      description: "Load balancer: requests in, ingress pods out",
      vpcId: props.vpcId,
      tags: { Name: `${props.name}-alb` },
    });
    for (const [index, cidrIpv4] of props.allowFrom.entries()) {
      for (const [scheme, port] of [
        ["http", 80],
        ["https", 443],
      ] as const) {
        new VpcSecurityGroupIngressRule(this, `${scheme}-from-${index}`, {
          securityGroupId: group.id,
          description: `${scheme} as declared in traffic.allowFrom`,
          ipProtocol: "tcp",
          fromPort: port,
          toPort: port,
          cidrIpv4,
        });
      }
    }
    for (const [purpose, port] of Object.entries(INGRESS_PORTS)) {
      new VpcSecurityGroupEgressRule(this, `${purpose}-to-pods`, {
        securityGroupId: group.id,
        description: `${purpose} of the ingress pods`,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        cidrIpv4: props.cidr,
      });
    }
    const config: LbConfig = {
      name: props.name,
      loadBalancerType: "application",
      internal: false,
      subnets: [...props.subnetIds],
      securityGroups: [group.id],
      dropInvalidHeaderFields: true,
      enableDeletionProtection: props.protect,
      ...(props.protect ? { lifecycle: { preventDestroy: true } } : {}),
      idleTimeout: 60,
    };
    const balancer = new Lb(this, "balancer", transformed(props.transform, config, id));
    this.arn = balancer.arn;
    this.dnsName = balancer.dnsName;
    this.zoneId = balancer.zoneId;
    this.securityGroupId = group.id;
  }
}
