import { z } from "zod";

const chartSchema = z.strictObject({
  version: z.string().regex(/^v?\d+\.\d+\.\d+/),
  appVersion: z.string(),
  /** Kubernetes versions that the chart accepts, as Helm writes ranges. */
  kubeVersion: z.string().optional(),
  /** Where the package is: `https://...tgz`, or `oci://<registry>/<repository>`. */
  url: z.string().regex(/^(https?|oci):\/\//),
  /** Digest of the package; null until the first pull records it. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  digestSource: z.string(),
  /** Images that its pods run with the platform's values, at exact versions: what a mirror must hold. */
  images: z.array(z.string().regex(/^[\w.-]+\/[\w./-]+:v?\d[\w.-]*(@sha256:[0-9a-f]{64})?$/, "is not an image at an exact version")),
  crds: z.strictObject({
    /** Who installs and upgrades the custom resource definitions. */
    way: z.enum(["none", "own-hook", "own-templates", "derived", "skipped"]),
    names: z.array(z.string()),
  }),
});

/** Shape of a lock file. */
export const lockSchema = z.strictObject({
  $schema: z.string(),
  date: z.string(),
  source: z.string(),
  charts: z.record(z.string(), chartSchema),
});

/** The contents of a lock file. */
export type Lock = z.infer<typeof lockSchema>;

/** One chart at one version, as the lock pins it. */
export interface LockedChart extends z.infer<typeof chartSchema> {
  readonly name: string;
}

/** Name of the lock beside `fleet.ts`. */
export const LOCK_FILE = "charts.lock.json";

/** Folder with the packages, relative to the checkout. */
export const PACKAGE_FOLDER = "vendor/charts";

/** The charts of a lock, with their names. */
export function chartsOf(lock: Lock): readonly LockedChart[] {
  return Object.entries(lock.charts).map(([name, chart]) => ({ name, ...chart }));
}

/** File name of a chart's package: it changes with the version and with the bytes. */
export function packageName({ name, version, sha256 }: Pick<LockedChart, "name" | "version" | "sha256">): string {
  return `${name}-${version}-${sha256 === null ? "unrecorded" : sha256.slice(0, 12)}.tgz`;
}

/** File name of the package with a chart's custom resource definitions, for charts whose way is `derived`. */
export function crdsPackageName(chart: Pick<LockedChart, "name" | "version" | "sha256">): string {
  return packageName({ ...chart, name: `${chart.name}-crds` });
}
