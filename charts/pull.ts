import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pLimit from "p-limit";
import { deriveCrdsPackage, identityOf } from "./derive-crds";
import { fetchPackage } from "./fetch";
import { chartsOf, crdsPackageName, packageName, type LockedChart } from "../config/chart-lock";
import { readLock, recordDigests } from "./lock";

/** How a chart's package ended up. */
export type PulledChart =
  | { readonly chart: string; readonly status: "present" | "pulled" | "recorded"; readonly file: string; readonly sha256: string }
  | { readonly chart: string; readonly status: "failed"; readonly reason: string };

/** Options of {@link pullCharts}. */
export interface PullOptions {
  readonly lockFile: string;
  /** Folder that gets the packages. */
  readonly folder: string;
  /** Most downloads at once. */
  readonly parallel: number;
  /** Date that a recorded digest is noted with. */
  readonly today: string;
  readonly onEnd?: (result: PulledChart) => void;
}

/**
 * Brings the packages of a lock in. A package gets its name only after its digest was checked; a digest that the lock
 * lacks is recorded. Nothing half-written is ever left under a package's name.
 */
export async function pullCharts({ lockFile, folder, parallel, today, onEnd }: PullOptions): Promise<readonly PulledChart[]> {
  mkdirSync(folder, { recursive: true });
  const limit = pLimit(parallel);
  const results = await Promise.all(
    chartsOf(readLock(lockFile)).map((chart) =>
      limit(async () => {
        const result = await pullOne(chart, folder).catch((error: unknown): PulledChart => ({
          chart: chart.name,
          status: "failed",
          reason: error instanceof Error ? error.message : String(error),
        }));
        onEnd?.(result);
        return result;
      }),
    ),
  );
  const recorded = new Map(results.flatMap((result) => (result.status === "recorded" ? [[result.chart, result.sha256] as const] : [])));
  if (recorded.size > 0) recordDigests(lockFile, recorded, today);
  return results;
}

/** What is wrong with a package that should be there; empty when it is as the lock says. */
export interface VerifiedChart {
  readonly chart: string;
  readonly file: string;
  readonly problem: string;
}

/** Checks the packages that are there against a lock, without a network. */
export async function verifyCharts(lockFile: string, folder: string): Promise<readonly VerifiedChart[]> {
  const charts = chartsOf(readLock(lockFile));
  return Promise.all(
    charts.flatMap((chart) => [verifyOne(chart, folder), ...(chart.crds.way === "derived" ? [verifyDerived(chart, folder)] : [])]),
  );
}

/** Packages of a lock that are missing from a folder. */
export function missingPackages(lockFile: string, folder: string): readonly string[] {
  return chartsOf(readLock(lockFile)).flatMap((chart) =>
    [packageName(chart), ...(chart.crds.way === "derived" ? [crdsPackageName(chart)] : [])].filter(
      (file) => !existsSync(join(folder, file)),
    ),
  );
}

async function pullOne(chart: LockedChart, folder: string): Promise<PulledChart> {
  const file = packageName(chart);
  const path = join(folder, file);
  if (chart.sha256 !== null && existsSync(path) && digest(readFileSync(path)) === chart.sha256) {
    await derive(chart, folder, readFileSync(path));
    return { chart: chart.name, status: "present", file, sha256: chart.sha256 };
  }
  const bytes = await fetchPackage(chart.url, chart.version);
  const sha256 = digest(bytes);
  if (chart.sha256 !== null && sha256 !== chart.sha256) {
    throw new Error(
      `${chart.url} has the digest ${sha256}, and the lock says ${chart.sha256}: it is not what was locked, and was thrown away`,
    );
  }
  const { name, version } = await identityOf(bytes);
  if (name !== chart.name || version.replace(/^v/, "") !== chart.version.replace(/^v/, ""))
    throw new Error(`${chart.url} holds ${name} ${version}, not ${chart.name} ${chart.version}`);
  const final = { ...chart, sha256 };
  removeOthers(chart, folder, packageName(final));
  write(join(folder, packageName(final)), bytes);
  await derive(final, folder, bytes);
  return { chart: chart.name, status: chart.sha256 === null ? "recorded" : "pulled", file: packageName(final), sha256 };
}

async function derive(chart: LockedChart, folder: string, source: Buffer): Promise<void> {
  if (chart.crds.way !== "derived") return;
  const file = join(folder, crdsPackageName(chart));
  if (!existsSync(file)) write(file, await deriveCrdsPackage(chart, source));
}

async function verifyOne(chart: LockedChart, folder: string): Promise<VerifiedChart> {
  const file = packageName(chart);
  const path = join(folder, file);
  const found = existsSync(path) ? digest(readFileSync(path)) : undefined;
  const problem =
    found === undefined
      ? "is missing; run npx drydock charts pull"
      : chart.sha256 === null
        ? "has no digest in the lock; run npx drydock charts pull to record it"
        : found === chart.sha256
          ? ""
          : `has the digest ${found}, and the lock says ${chart.sha256}; delete it and pull again`;
  return Promise.resolve({ chart: chart.name, file, problem });
}

/** A derived package must be exactly what its source gives. */
async function verifyDerived(chart: LockedChart, folder: string): Promise<VerifiedChart> {
  const [file, source] = [crdsPackageName(chart), join(folder, packageName(chart))];
  const path = join(folder, file);
  if (!existsSync(path) || !existsSync(source))
    return { chart: `${chart.name}-crds`, file, problem: "is missing; run npx drydock charts pull" };
  const expected = await deriveCrdsPackage(chart, readFileSync(source));
  return {
    chart: `${chart.name}-crds`,
    file,
    problem: expected.equals(readFileSync(path)) ? "" : "is not what its chart gives; delete it and pull again",
  };
}

/** Another build of the same version would only be mistaken for this one. */
function removeOthers({ name, version }: LockedChart, folder: string, keep: string): void {
  const same = new RegExp(`^${name}(-crds)?-${version.replaceAll(".", "\\.")}-([0-9a-f]{12}|unrecorded)\\.tgz$`);
  for (const file of readdirSync(folder)) if (same.test(file) && file !== keep) rmSync(join(folder, file));
}

function write(path: string, bytes: Buffer): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, bytes);
  renameSync(temporary, path);
}

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
