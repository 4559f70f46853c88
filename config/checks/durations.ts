import type { ClusterDeclaration } from "../cluster-declaration";
import type { Problem } from "../problems";
import type { Check } from "./input";

/** Retentions CloudWatch Logs accepts, in days. Source: PutRetentionPolicy in the CloudWatch Logs API reference. */
const CLOUDWATCH_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

const CRON_FIELDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;

/** Retentions and schedules. */
export const checkDurations: Check = ({ fleet }) =>
  Object.entries(fleet.clusters).flatMap(([name, cluster]) => [
    ...retentions(`clusters.${name}`, cluster),
    ...schedules(`clusters.${name}.backups`, cluster),
  ]);

function retentions(path: string, { logs, network }: ClusterDeclaration): Problem[] {
  const kept = [
    { at: `${path}.logs.controlPlane`, days: logs?.controlPlane },
    { at: `${path}.network.flowLogs`, days: "existing" in network ? undefined : network.flowLogs },
  ];
  return kept.flatMap(({ at, days }) => {
    if (typeof days !== "number" || CLOUDWATCH_DAYS.includes(days)) return [];
    const next = CLOUDWATCH_DAYS.find((valid) => valid > days);
    return [{ path: at, reason: `CloudWatch does not keep logs for ${days} days`, fix: `use ${next ?? 3653}` }];
  });
}

function schedules(path: string, { backups = {} }: ClusterDeclaration): Problem[] {
  return Object.entries(backups).flatMap(([name, { cron }]) =>
    isCron(cron)
      ? []
      : [
          {
            path: `${path}.${name}.cron`,
            reason: `"${cron}" is not a five-field cron expression`,
            fix: `use minute, hour, day, month and weekday, such as "17 * * * *"`,
          },
        ],
  );
}

/** Whether Velero's scheduler (robfig/cron, five fields) understands the expression. */
function isCron(expression: string): boolean {
  const fields = expression.trim().split(/\s+/);
  return (
    fields.length === CRON_FIELDS.length &&
    fields.every((field, index) => {
      const [low, high] = CRON_FIELDS[index] ?? [0, 0];
      return field.split(",").every((part) => {
        const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
        const numbers = [match?.[1], match?.[2]].filter((text) => text !== undefined).map(Number);
        return match !== null && numbers.every((number) => number >= low && number <= high) && match[3] !== "0";
      });
    })
  );
}
