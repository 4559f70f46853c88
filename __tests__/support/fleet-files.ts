import { readChartFiles } from "../../config/files";
import type { FleetFiles } from "../../config/resolve";
import { RELEASE_DESCRIPTIONS } from "../../constructs/platform";
import { ROOT } from "./checkout";

const charts = readChartFiles(ROOT);

/** What lies beside a fleet: a state, and this repository's own charts and releases. */
export function filesWith(state: unknown, overrides: Partial<FleetFiles> = {}): FleetFiles {
  return { state, ...charts, releases: RELEASE_DESCRIPTIONS, ...overrides };
}
