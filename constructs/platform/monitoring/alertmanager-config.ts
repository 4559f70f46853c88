import type { PlatformContext } from "../platform-context";

/**
 * Alerts go to the fleet's topic, where the owner hears of them. The alert that always fires goes to a topic of its own
 * every few minutes: CloudWatch raises the alarm when it stops coming, so silence is never taken for health.
 *
 * @see https://prometheus.io/docs/alerting/latest/configuration/#sns_config
 */
export function alertmanagerConfig({ cluster, facts, name }: PlatformContext): Readonly<Record<string, unknown>> {
  const sns = (topicArn: string, rest: object = {}) => ({ topic_arn: topicArn, sigv4: { region: cluster.region }, ...rest });
  return {
    route: {
      receiver: "owner",
      group_by: ["alertname", "namespace"],
      group_wait: "30s",
      group_interval: "5m",
      repeat_interval: "12h",
      routes: [
        {
          receiver: "watchdog",
          matchers: ['alertname = "Watchdog"'],
          group_wait: "0s",
          group_interval: "1m",
          repeat_interval: WATCHDOG_INTERVAL,
        },
        // It exists to silence others and says nothing by itself.
        { receiver: "nobody", matchers: ['alertname = "InfoInhibitor"'] },
      ],
    },
    receivers: [
      { name: "owner", sns_configs: [sns(facts.alertTopicArn, { send_resolved: true, subject: subjectOf(name) })] },
      { name: "watchdog", sns_configs: [sns(facts.watchdogTopicArn, { send_resolved: false })] },
      { name: "nobody" },
    ],
  };
}

/** How often the alert that always fires is sent; the alarm on its silence allows for three misses. */
const WATCHDOG_INTERVAL = "5m";

/** Longest subject that SNS takes; a longer one loses the alert. */
const SUBJECT_LENGTH = 100;

/** Says which cluster it is about, as the owner may have several, and as much of the rest as fits. */
function subjectOf(name: string): string {
  return `{{ printf "%.${SUBJECT_LENGTH}s" (printf "[${name}] %s: %s %s" .Status .CommonLabels.alertname .CommonLabels.namespace) }}`;
}
