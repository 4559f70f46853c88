import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { LOCK_FILE } from "./chart-lock";
import { LOCAL_CHART_FOLDER, localChart, type ChartFile, type LocalChart } from "./local-charts";
import { FleetError } from "./problems";
import { parseStrictJson } from "./strict-json";

/**
 * Reads a JSON file beside `fleet.ts`.
 * @param absent what its absence means, for `fix`
 * @throws {FleetError} when it is missing or not JSON
 */
export function readJson(root: string, name: string, absent = `"{}" means that no cluster runs`): unknown {
  try {
    return parseStrictJson(readFileSync(join(root, name), "utf8"));
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new FleetError([
      {
        path: name,
        reason: missing ? "does not exist" : `is not JSON: ${error instanceof Error ? error.message : String(error)}`,
        fix: missing ? `create it; ${absent}` : "correct it, or restore it from git",
      },
    ]);
  }
}

/** What lies beside `fleet.ts` and says which charts there are. */
export interface ChartFiles {
  /** Contents of `charts.lock.json`. */
  readonly lock: unknown;
  readonly localCharts: readonly LocalChart[];
}

/**
 * Reads the lock and our own charts.
 * @throws {FleetError} when the lock is missing or not JSON
 */
export function readChartFiles(root: string): ChartFiles {
  const folder = join(root, LOCAL_CHART_FOLDER);
  const charts = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return {
    lock: readJson(root, LOCK_FILE, "restore it from git; without it nothing says which charts were reviewed"),
    localCharts: charts.map(({ name }) => localChart(name, readLocalChart(root, name))),
  };
}

/** Files of one of our own charts. */
export function readLocalChart(root: string, name: string): readonly ChartFile[] {
  const folder = join(root, LOCAL_CHART_FOLDER, name);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { name: path.slice(folder.length + 1).replaceAll(sep, "/"), content: readFileSync(path, "utf8") };
    });
}
