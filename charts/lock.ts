import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CommandError } from "../config/command-error";

const SHA256 = /^[0-9a-f]{64}$/;

const chartSchema = z.strictObject({
  version: z.string().regex(/^v?\d+\.\d+\.\d+/),
  appVersion: z.string(),
  /** Kubernetes versions that the chart accepts, as Helm writes ranges. */
  kubeVersion: z.string().optional(),
  /** Where the package is: `https://...tgz`, or `oci://<registry>/<repository>`. */
  url: z.string().regex(/^(https?|oci):\/\//),
  /** Digest of the package; null until the first pull records it. */
  sha256: z.string().regex(SHA256).nullable(),
  digestSource: z.string(),
  crds: z.strictObject({
    /** Who installs and upgrades the custom resource definitions. */
    way: z.enum(["none", "own-hook", "own-templates", "derived", "skipped"]),
    names: z.array(z.string()),
  }),
});

const lockSchema = z.strictObject({ $schema: z.string(), date: z.string(), source: z.string(), charts: z.record(z.string(), chartSchema) });

/** One chart at one version, as the lock pins it. */
export interface LockedChart extends z.infer<typeof chartSchema> {
  readonly name: string;
}

/** The contents of a lock file. */
export type Lock = z.infer<typeof lockSchema>;

/** Name of the lock beside `fleet.ts`. */
export const LOCK_FILE = "charts.lock.json";

/**
 * Reads a lock.
 * @throws {CommandError} when it is missing or not of the form that Drydock writes
 */
export function readLock(file: string): Lock {
  try {
    return lockSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);
    throw new CommandError(`The lock ${file} cannot be read: ${reason}`, 2);
  }
}

/** The charts of a lock, with their names. */
export function chartsOf(lock: Lock): readonly LockedChart[] {
  return Object.entries(lock.charts).map(([name, chart]) => ({ name, ...chart }));
}

/** Records digests that a first pull found. The file is written anew and renamed, so it is never half a lock. */
export function recordDigests(file: string, digests: ReadonlyMap<string, string>, today: string): void {
  const lock = readLock(file);
  const charts = Object.fromEntries(
    Object.entries(lock.charts).map(([name, chart]) => {
      const sha256 = digests.get(name);
      return [name, sha256 === undefined ? chart : { ...chart, sha256, digestSource: `recorded at the first pull, ${today}` }];
    }),
  );
  writeFileSync(`${file}.tmp`, `${JSON.stringify({ ...lock, charts }, null, 2)}\n`);
  renameSync(`${file}.tmp`, file);
}

/** File name of a chart's package: it changes with the version and with the bytes. */
export function packageName({ name, version, sha256 }: Pick<LockedChart, "name" | "version" | "sha256">): string {
  return `${name}-${version}-${sha256 === null ? "unrecorded" : sha256.slice(0, 12)}.tgz`;
}

/** File name of the package with a chart's custom resource definitions, for charts whose way is `derived`. */
export function crdsPackageName(chart: Pick<LockedChart, "name" | "version" | "sha256">): string {
  return packageName({ ...chart, name: `${chart.name}-crds` });
}

/** Folder with the packages, relative to the checkout. */
export const PACKAGE_FOLDER = join("vendor", "charts");
