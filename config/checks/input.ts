import type { LockedChart } from "../chart-lock";
import type { FleetDeclaration } from "../declaration";
import type { LocalChart } from "../local-charts";
import type { Problem } from "../problems";
import type { ReleaseDescription } from "../release";
import type { FleetState } from "../schema";
import type { MinorVersions } from "../versions";

/** What every check reads: the declaration and the files beside it, already of the right shape. */
export interface FleetInput {
  readonly fleet: FleetDeclaration;
  /** Contents of `fleet.state.json`. */
  readonly state: FleetState;
  /** Pinned versions by Kubernetes minor. */
  readonly versions: Readonly<Record<string, MinorVersions>>;
  /** Charts that the lock pins. */
  readonly charts: readonly LockedChart[];
  readonly localCharts: readonly LocalChart[];
  /** Every release that Drydock has. */
  readonly releases: readonly ReleaseDescription[];
}

/** A rule over the whole input. Never throws; returns what it finds. */
export type Check = (input: FleetInput) => Problem[];
