import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import pLimit from "p-limit";
import { chartsOf, crdsChartName, crdsPackageName, packageName, type LockedChart } from "../config/chart-lock";
import { CommandError } from "../config/command-error";
import { checkIdentity, deriveCrdsPackage } from "./derive-crds";
import { fetchPackage, type FetchOptions } from "./fetch";
import { readLock, recordDigests } from "./lock";
import { readPackage, writeWhole } from "./package-files";
import { plainReason } from "./plain-text";

/** How a chart's package ended up. */
export type PulledChart =
  | { readonly chart: string; readonly status: "present" | "pulled" | "recorded"; readonly file: string; readonly sha256: string }
  | { readonly chart: string; readonly status: "failed"; readonly reason: string };

/** Options of {@link pullCharts}. */
export interface PullOptions extends FetchOptions {
  readonly lockFile: string;
  /** Folder that gets the packages. */
  readonly folder: string;
  /** Most downloads at once. */
  readonly parallel: number;
  /** Date that a recorded digest is noted with. */
  readonly today: string;
  /**
   * Whether a chart without a recorded digest fails, and nothing is downloaded for it: for jobs with credentials, which
   * must not run what nobody reviewed. The lock is then never written.
   * @default false
   */
  readonly recordedOnly?: boolean;
  readonly onEnd?: (result: PulledChart) => void;
}

/**
 * Brings the packages of a lock in, and repairs those that were changed. A package gets its name only after its digest
 * and content were checked; a digest that the lock lacks is recorded. Nothing half-written is ever left under a
 * package's name. What is wrong with one chart keeps none of the others away.
 *
 * @throws {CommandError} when the lock cannot be read or the folder cannot be made
 */
export async function pullCharts(options: PullOptions): Promise<readonly PulledChart[]> {
  const { lockFile, folder, parallel, today, onEnd } = options;
  const charts = chartsOf(readLock(lockFile));
  makeFolder(folder);
  const limit = pLimit(parallel);
  const results = await Promise.all(
    charts.map((chart) =>
      limit(async () => {
        const result = await pullOne(chart, options).catch((error: unknown): PulledChart => ({
          chart: chart.name,
          status: "failed",
          reason: plainReason(error),
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

/** Options of {@link verifyCharts}. */
export interface VerifyOptions {
  /**
   * Whether a chart without a recorded digest is told to be recorded on a workstation, where a job cannot do it.
   * @default false
   */
  readonly recordedOnly?: boolean;
}

/**
 * Checks the packages that are there against a lock, without a network, one after the other: each may take much memory.
 * @throws {CommandError} when the lock cannot be read
 */
export async function verifyCharts(
  lockFile: string,
  folder: string,
  { recordedOnly = false }: VerifyOptions = {},
): Promise<readonly VerifiedChart[]> {
  const results: VerifiedChart[] = [];
  for (const chart of chartsOf(readLock(lockFile))) {
    const own = recordedOnly && chart.sha256 === null ? UNRECORDED : await problemOf(() => verifyOne(chart, folder));
    results.push({ chart: chart.name, file: packageName(chart), problem: own });
    if (chart.crds.way !== "derived" || own === UNRECORDED) continue;
    const problem = await problemOf(() => verifyDerived(chart, folder));
    results.push({ chart: crdsChartName(chart), file: crdsPackageName(chart), problem });
  }
  return results;
}

/** Packages of a lock that are missing from a folder. */
export function missingPackages(lockFile: string, folder: string): readonly string[] {
  return chartsOf(readLock(lockFile)).flatMap((chart) =>
    [packageName(chart), ...(chart.crds.way === "derived" ? [crdsPackageName(chart)] : [])].filter(
      (file) => !existsSync(join(folder, file)),
    ),
  );
}

const UNRECORDED = "has no recorded digest; run npx drydock charts pull on a workstation, review the lock and commit it";

/** Packages are unpacked one at a time: each may take some hundred megabytes. */
const unpacking = pLimit(1);

async function pullOne(chart: LockedChart, options: PullOptions): Promise<PulledChart> {
  const { folder, recordedOnly = false } = options;
  if (chart.sha256 === null && recordedOnly) throw new Error(UNRECORDED);
  const present = chart.sha256 === null ? undefined : presentPackage(chart, folder);
  const bytes = present ?? (await fetchPackage(chart.url, chart.version, options));
  const sha256 = digest(bytes);
  if (chart.sha256 !== null && sha256 !== chart.sha256) {
    throw new Error(
      `${chart.url} has the digest ${sha256}, and the lock says ${chart.sha256}: it is not what was locked, and was thrown away`,
    );
  }
  const final = { ...chart, sha256 };
  const file = packageName(final);
  try {
    await unpacking(async () => {
      await checkIdentity(chart, bytes);
      // Made before anything is written, so that a package never lies there without its definitions.
      const derived = chart.crds.way === "derived" ? await deriveCrdsPackage(final, bytes) : undefined;
      removeOthers(final, folder);
      if (!present) writeWhole(join(folder, file), bytes);
      if (derived) repair(join(folder, crdsPackageName(final)), derived);
    });
  } catch (error) {
    throw new Error(`${present ? file : chart.url}: ${plainReason(error)}`, { cause: error });
  }
  const status = present ? "present" : chart.sha256 === null ? "recorded" : "pulled";
  return { chart: chart.name, status, file, sha256 };
}

/** The package that is there, if it is the one that was locked; anything else of its name is replaced. */
function presentPackage(chart: LockedChart, folder: string): Buffer | undefined {
  const found = readable(join(folder, packageName(chart)));
  return found && digest(found) === chart.sha256 ? found : undefined;
}

function repair(path: string, bytes: Buffer): void {
  if (!readable(path)?.equals(bytes)) writeWhole(path, bytes);
}

function readable(path: string): Buffer | undefined {
  try {
    return readPackage(path);
  } catch {
    return undefined;
  }
}

async function problemOf(check: () => Promise<string>): Promise<string> {
  return check().catch((error: unknown) => `cannot be used: ${plainReason(error)}`);
}

async function verifyOne(chart: LockedChart, folder: string): Promise<string> {
  const bytes = readPackage(join(folder, packageName(chart)));
  if (!bytes) return MISSING;
  if (chart.sha256 === null) return "has no digest in the lock; run npx drydock charts pull to record it";
  const found = digest(bytes);
  if (found !== chart.sha256) return `has the digest ${found}, and the lock says ${chart.sha256}; delete it and pull again`;
  await checkIdentity(chart, bytes);
  return "";
}

/** A derived package must be exactly what its source gives. */
async function verifyDerived(chart: LockedChart, folder: string): Promise<string> {
  const found = readPackage(join(folder, crdsPackageName(chart)));
  const source = readable(join(folder, packageName(chart)));
  if (!found || !source) return MISSING;
  if (chart.sha256 !== null && digest(source) !== chart.sha256) return `cannot be checked: ${packageName(chart)} is not what was locked`;
  const expected = await deriveCrdsPackage(chart, source);
  return expected.equals(found) ? "" : "is not what its chart gives; delete it and pull again";
}

const MISSING = "is missing; run npx drydock charts pull";

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new CommandError(`The folder ${folder} for packages cannot be made: ${plainReason(error)}`, 1);
  }
}

/** Another build of the same version would only be mistaken for this one. */
function removeOthers(chart: LockedChart, folder: string): void {
  const names = chart.crds.way === "derived" ? [packageName(chart), crdsPackageName(chart)] : [packageName(chart)];
  for (const file of readdirSync(folder))
    if (BUILD.test(file) && names.some((name) => file !== name && file.replace(BUILD, "") === name.replace(BUILD, "")))
      rmSync(join(folder, file), { recursive: true });
}

/** End of a package's name, which changes with its bytes. */
const BUILD = /-([0-9a-f]{12}|unrecorded)\.tgz$/;

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
