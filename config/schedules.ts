import { Cron } from "croner";

/** Any fixed day: what is derived from a schedule must not depend on when it is asked. */
const START = new Date("2024-01-01T00:00:00Z");

/** Enough runs to see every gap of a schedule by minute, hour, weekday or day of the month. */
const RUNS = 60;

const known = new Map<string, number>();

/** Longest time between two runs of a five-field cron expression in UTC, in hours. */
export function longestGapHours(cron: string): number {
  const before = known.get(cron);
  if (before !== undefined) return before;
  const runs = new Cron(cron, { timezone: "UTC" }).nextRuns(RUNS, START).map((run) => run.getTime());
  const hours = Math.max(0, ...runs.slice(1).map((run, index) => (run - (runs[index] ?? run)) / 3_600_000));
  known.set(cron, hours);
  return hours;
}
