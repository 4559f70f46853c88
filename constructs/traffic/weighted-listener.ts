import { Construct } from "constructs";
import { LbListener, type LbListenerConfig } from "@cdktf/provider-aws/lib/lb-listener";
import { LbListenerRule } from "@cdktf/provider-aws/lib/lb-listener-rule";
import { LbTargetGroup, type LbTargetGroupConfig } from "@cdktf/provider-aws/lib/lb-target-group";
import { transformed, type Transform } from "../../config/transforms";
import { INGRESS_PORTS } from "./load-balancer";

/** Header that reaches a colour whatever its weight. */
export const PROBE_HEADER = "x-drydock-colour";

// TLS 1.3 and 1.2 with forward secrecy; browsers since 2014.
const SSL_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/** Options of {@link WeightedListener}. */
export interface WeightedListenerProps {
  readonly loadBalancerArn: string;
  readonly vpcId: string;
  readonly certificateArn: string;
  /** One target group is made for each; a weight of 0 receives only probes. */
  readonly colours: readonly { readonly name: string; readonly targetGroupName: string; readonly weight: number }[];
  readonly transforms: {
    readonly listener?: Transform<LbListenerConfig> | undefined;
    readonly targetGroup?: Transform<LbTargetGroupConfig> | undefined;
  };
}

/**
 * HTTPS spread over the colours by weight, HTTP redirected. Every colour always has its target group, so switching
 * changes weights only and no colour is special.
 */
export class WeightedListener extends Construct {
  readonly targetGroupArns: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: WeightedListenerProps) {
    super(scope, id);
    const { listener: transformListener, targetGroup: transformGroup } = props.transforms;
    const groups = props.colours.map(({ name, targetGroupName, weight }) => {
      const config: LbTargetGroupConfig = {
        name: targetGroupName,
        targetType: "ip",
        vpcId: props.vpcId,
        protocol: "HTTP",
        port: INGRESS_PORTS.requests,
        deregistrationDelay: "30",
        healthCheck: {
          path: "/ping",
          port: String(INGRESS_PORTS.health),
          matcher: "200",
          interval: 10,
          timeout: 5,
          healthyThreshold: 2,
          unhealthyThreshold: 2,
        },
      };
      return { name, weight, arn: new LbTargetGroup(this, name, transformed(transformGroup, config, name)).arn };
    });
    const https: LbListenerConfig = {
      loadBalancerArn: props.loadBalancerArn,
      port: 443,
      protocol: "HTTPS",
      sslPolicy: SSL_POLICY,
      certificateArn: props.certificateArn,
      defaultAction: [{ type: "forward", forward: { targetGroup: groups.map(({ arn, weight }) => ({ arn, weight })) } }],
    };
    const listener = new LbListener(this, "https", transformed(transformListener, https, "https"));
    for (const [index, { name, arn }] of groups.entries()) {
      new LbListenerRule(this, `probe-${name}`, {
        listenerArn: listener.arn,
        priority: index + 1,
        condition: [{ httpHeader: { httpHeaderName: PROBE_HEADER, values: [name] } }],
        action: [{ type: "forward", targetGroupArn: arn }],
      });
    }
    const http: LbListenerConfig = {
      loadBalancerArn: props.loadBalancerArn,
      port: 80,
      protocol: "HTTP",
      defaultAction: [{ type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } }],
    };
    new LbListener(this, "http", transformed(transformListener, http, "http"));
    this.targetGroupArns = Object.fromEntries(groups.map(({ name, arn }) => [name, arn]));
  }
}
