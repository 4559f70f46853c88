import { Construct } from "constructs";
import type { ITerraformDependable } from "cdktf";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";

/** Seconds of one period of the alarm: the time between two signs of life. */
const PERIOD_SECONDS = 300;

/** Periods without a sign of life until someone is told. */
const MISSES = 3;

/** Options of {@link Watchdog}. */
export interface WatchdogProps {
  /** Name of the colour. */
  readonly name: string;
  /** Key that alerts are encrypted under. */
  readonly alertKeyArn: string;
  readonly alertTopicArn: string;
}

/** Raises the alarm when Alertmanager falls silent: its sign of life is published here every few minutes. */
export class Watchdog extends Construct {
  readonly topicArn: string;
  private readonly topicName: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: WatchdogProps,
  ) {
    super(scope, id);
    const topic = new SnsTopic(this, "topic", { name: watchdogTopicName(props.name), kmsMasterKeyId: props.alertKeyArn });
    this.topicArn = topic.arn;
    this.topicName = topic.name;
  }

  /** Starts watching once there is something to hear, and stops before it goes. */
  listenAfter(dependsOn: readonly ITerraformDependable[]): void {
    const { name, alertTopicArn } = this.props;
    new CloudwatchMetricAlarm(this, "silence", {
      alarmName: `${name}-alertmanager-silent`,
      alarmDescription: `Alertmanager of ${name} has not shown a sign of life for ${(PERIOD_SECONDS * MISSES) / 60} minutes: alerts may not arrive`,
      namespace: "AWS/SNS",
      metricName: "NumberOfMessagesPublished",
      dimensions: { TopicName: this.topicName },
      statistic: "Sum",
      period: PERIOD_SECONDS,
      evaluationPeriods: MISSES,
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      treatMissingData: "breaching",
      alarmActions: [alertTopicArn],
      okActions: [alertTopicArn],
      dependsOn: [...dependsOn],
    });
  }
}

/** Name of the topic that Alertmanager shows its signs of life on. */
export function watchdogTopicName(colour: string): string {
  return `${colour}-watchdog`;
}
