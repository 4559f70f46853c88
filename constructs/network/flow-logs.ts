import { Construct } from "constructs";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { FlowLog } from "@cdktf/provider-aws/lib/flow-log";
import { serviceTrust } from "../policy";
import { Role } from "../role";

/** Options of {@link FlowLogs}. */
export interface FlowLogsProps {
  readonly name: string;
  readonly account: string;
  readonly vpcId: string;
  readonly retentionDays: number;
  readonly boundaryArn: string;
}

/** Rejected connections of the VPC in CloudWatch: what a closed door kept out, at a fraction of the price of everything. */
export class FlowLogs extends Construct {
  constructor(scope: Construct, id: string, { name, account, vpcId, retentionDays, boundaryArn }: FlowLogsProps) {
    super(scope, id);
    const group = new CloudwatchLogGroup(this, "log-group", { name: `/aws/vpc/${name}`, retentionInDays: retentionDays });
    const role = new Role(this, "writer", {
      name: `${name}-flow-logs`,
      trust: serviceTrust("vpc-flow-logs.amazonaws.com", { StringEquals: { "aws:SourceAccount": account } }),
      boundaryArn,
      statements: [
        { actions: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"], on: [`${group.arn}:*`] },
        { actions: ["logs:DescribeLogGroups"], onAnyBecause: "ActionHasNoResourceLevel" },
      ],
    });
    new FlowLog(this, "rejected", {
      vpcId,
      trafficType: "REJECT",
      logDestinationType: "cloud-watch-logs",
      logDestination: group.arn,
      iamRoleArn: role.arn,
      maxAggregationInterval: 600,
      tags: { Name: name },
      dependsOn: [...role.policies],
    });
  }
}
