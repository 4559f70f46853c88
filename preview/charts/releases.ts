import { existsSync } from "node:fs";
import { join } from "node:path";
import { readLock } from "../../charts/lock";
import { LOCK_FILE, type LockedChart } from "../../config/chart-lock";
import { CommandError } from "../../config/command-error";
import { kindOf, type PlanJson, type ResourceChange } from "../../terraform/plan-json";
import type { Difference } from "../report/model";

/** A chart package as a program names it. */
export interface ChartPackage {
  readonly chart: string;
  readonly version: string;
  /** Path as the program has it, relative to the stack's folder. */
  readonly path: string;
}

/** A Helm release that a plan touches. */
export interface ReleaseChange {
  readonly address: string;
  readonly release: string;
  readonly namespace: string;
  readonly before: ChartPackage | undefined;
  readonly after: ChartPackage | undefined;
  readonly change: ResourceChange["change"];
}

/** File names of packages end in the version and the first digits of the digest; see `packageName` of the lock. */
const PACKAGE = /(?:^|\/)([^/]+)-(v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.-]+)?)-(?:[0-9a-f]{12}|unrecorded)\.tgz$/;

/** Reads chart and version off a package's path; a chart of the checkout itself has only its folder's name. */
export function packageAt(path: unknown): ChartPackage | undefined {
  if (typeof path !== "string" || path === "") return undefined;
  const [, chart, version] = PACKAGE.exec(path) ?? [];
  return chart === undefined || version === undefined
    ? { chart: path.split("/").at(-1) ?? path, version: "", path }
    : { chart, version, path };
}

/** Releases that a plan makes, changes or removes. */
export function releaseChanges({ resource_changes: changes = [] }: PlanJson): readonly ReleaseChange[] {
  return changes
    .filter((change) => change.type === "helm_release" && !["no-op", "read", "forget"].includes(kindOf(change)))
    .map(({ address, change }) => {
      const side = change.after ?? change.before ?? {};
      return {
        address,
        release: String(side["name"]),
        namespace: String(side["namespace"]),
        before: packageAt(change.before?.["chart"]),
        after: packageAt(change.after?.["chart"]),
        change,
      };
    });
}

/** The locks of both sides of a change; a side may have none. */
export interface Locks {
  readonly base: Readonly<Record<string, Omit<LockedChart, "name">>>;
  readonly head: Readonly<Record<string, Omit<LockedChart, "name">>>;
}

/**
 * Reads the locks that were kept beside both syntheses.
 * @throws {CommandError} with exit code 2 when a chart has another version and the same bytes, or the same address: one of
 *   them is wrong, and a review of the version would be a review of nothing
 */
export function readLocks(folder: string): Locks {
  const side = (name: string) => {
    const file = join(folder, name, LOCK_FILE);
    return existsSync(file) ? readLock(file).charts : {};
  };
  const locks = { base: side("base"), head: side("head") };
  for (const [name, { version, sha256, url }] of Object.entries(locks.head)) {
    const before = locks.base[name];
    if (!before || before.version === version) continue;
    const same = [
      ...(sha256 !== null && before.sha256 === sha256 ? ["digest"] : []),
      ...(isOneVersion(url) && before.url === url ? ["address"] : []),
    ];
    if (same.length > 0)
      throw new CommandError(
        `${LOCK_FILE} gives ${name} the version ${version} instead of ${before.version}, and the same ${same.join(" and ")}. Take the ${same.join(" and ")} of ${version} too.`,
        2,
      );
  }
  return locks;
}

/** An address of one package; a registry's holds every version. */
function isOneVersion(url: string): boolean {
  return !url.startsWith("oci://");
}

/** What a lock knows of a package; nothing where it pins another version by now. */
export function lockedAs(
  lock: Locks["base"],
  { chart, version }: Pick<ChartPackage, "chart" | "version">,
): Omit<LockedChart, "name"> | undefined {
  // A `-crds` package is derived from the chart, and is locked with it.
  const entry = lock[chart] ?? lock[chart.replace(/-crds$/, "")];
  return entry?.version === version ? entry : undefined;
}

/** Differences within a release's values, as paths into them. */
export function valueDifferences(differences: readonly Difference[]): Difference[] {
  return differences.flatMap((difference) => {
    const [, path] = /^values(?:\[\d+\])?\.?(.*)$/.exec(difference.path) ?? [];
    return path === undefined ? [] : [{ ...difference, path: path === "" ? "(all)" : path }];
  });
}
