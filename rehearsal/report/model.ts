import type { StepReport } from "../life-cycle";
import { insideSummary } from "./inside";

/** The report of a rehearsal: one model for the terminal, for scripts, and for the page. */
export interface RehearsalReport {
  readonly version: 1;
  /** When it began, ISO 8601. */
  readonly at: string;
  readonly terraform: string;
  readonly ok: boolean;
  readonly clusters: readonly ClusterReport[];
  readonly limits: readonly string[];
}

/** How one cluster's life went. */
export interface ClusterReport {
  readonly cluster: string;
  readonly ok: boolean;
  readonly steps: readonly StepReport[];
  /** Hash over every attribute of what was created; undefined when nothing was. */
  readonly fingerprint: string | undefined;
  /** Attributes that the fingerprint leaves out, as `type.path`. */
  readonly excluded: readonly string[];
  readonly faults: readonly FaultReport[];
}

/** What became of one staged fault. */
export interface FaultReport {
  readonly fault: string;
  readonly converged: boolean;
  /** Empty when it converged. */
  readonly problem: string;
  readonly reproduce: string;
}

/** The limit that a real API makes smaller. */
const INSIDE = "what happens inside Kubernetes";

/** What a stand-in cannot know, so that nobody takes a green rehearsal for more than it is. */
export const LIMITS: readonly string[] = [
  "IAM denials: whether the credentials you deploy with may do all of this",
  "quotas of your account, and capacity of instance types and spot",
  "AWS-side validation beyond the facts: names, references, uniqueness, enumerations, ranges, deletion protection",
  "eventual consistency, and values that AWS normalizes when it reads them back",
  INSIDE,
  "objects in your account that were made outside of the fleet; adopted ones are taken to exist",
  "durations: predictions are medians of public logs, or estimates marked as such; nothing was timed in your account",
];

/** The report of finished clusters. */
export function reportOf(at: Date, terraform: string, clusters: readonly ClusterReport[]): RehearsalReport {
  const simulated = new Set(clusters.flatMap(({ steps }) => insideSummary(steps).simulated));
  const limits = LIMITS.flatMap((limit) =>
    limit === INSIDE && simulated.size > 0 ? [...simulated].map((text) => `inside Kubernetes, simulated: ${text}`) : [limit],
  );
  return { version: 1, at: at.toISOString(), terraform, ok: clusters.every(({ ok }) => ok), clusters, limits };
}
