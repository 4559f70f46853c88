import { z } from "zod";

/** Names of charts, as Helm has them. They become names of files, so none begins with a dot or a dash. */
const CHART_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Semantic versions, https://semver.org, with an optional "v" as some charts have it. */
const CHART_VERSION =
  /^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(\.(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;

const DIGEST = /^[0-9a-f]{64}$/;

/** Longest name and version, in characters: both, a digest and `-crds` fit into a file name of 255 bytes. */
const LONGEST = { name: 128, version: 64 };

/** Addresses of packages: never http, and without credentials, which a lock would publish. */
const PACKAGE_URL =
  /^(https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?\/[!-"$-[\]-~]+|oci:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+)$/;

/** Names of custom resource definitions: names of files within a derived package, too. */
const DEFINITION_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;

const chartSchema = z.strictObject({
  version: z.string().max(LONGEST.version).regex(CHART_VERSION, "is no semantic version"),
  appVersion: z.string(),
  /** Kubernetes versions that the chart accepts, as Helm writes ranges. */
  kubeVersion: z.string().optional(),
  /** Where the package is: `https://...tgz`, or `oci://<registry>/<repository>`. */
  url: z.string().max(2048).regex(PACKAGE_URL, "is no address of a package: https://..., or oci://<registry>/<repository>"),
  /** Digest of the package; null until the first pull records it. */
  sha256: z.string().regex(DIGEST, "is no sha256 digest of 64 hexadecimal digits").nullable(),
  digestSource: z.string(),
  /** Images that its pods run with the platform's values, at exact versions: what a mirror must hold. */
  images: z.array(z.string().regex(/^[\w.-]+\/[\w./-]+:v?\d[\w.-]*(@sha256:[0-9a-f]{64})?$/, "is not an image at an exact version")),
  crds: z.strictObject({
    /** Who installs and upgrades the custom resource definitions. */
    way: z.enum(["none", "own-hook", "own-templates", "derived", "skipped"]),
    names: z
      .array(z.string().max(253).regex(DEFINITION_NAME, "is no name of a custom resource definition"))
      .refine((names) => new Set(names).size === names.length, "names a definition twice"),
  }),
});

/** Shape of a lock file. */
export const lockSchema = z.strictObject({
  $schema: z.string(),
  date: z.string(),
  source: z.string(),
  charts: z
    .record(z.string().max(LONGEST.name).regex(CHART_NAME), chartSchema, {
      error: ({ code }) =>
        code === "invalid_key" ? `is no name of a chart: letters, digits, ".", "_" and "-", at most ${LONGEST.name}` : undefined,
    })
    .superRefine((charts, context) => {
      for (const { name, other } of sharedNames(charts))
        context.addIssue({ code: "custom", path: [name], message: `shares the name of a package with ${other}; rename one of them` });
    }),
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

/**
 * File name of a chart's package: it changes with the version and with the bytes.
 * @throws {Error} for what a lock would refuse: the name never leads out of a folder
 */
export function packageName({ name, version, sha256 }: Pick<LockedChart, "name" | "version" | "sha256">): string {
  if (!CHART_NAME.test(name) || !CHART_VERSION.test(version) || (sha256 !== null && !DIGEST.test(sha256)))
    throw new Error(
      `There is no chart ${JSON.stringify(`${name} ${version}`)} with the digest ${JSON.stringify(sha256)}; correct the lock.`,
    );
  return `${name}-${version}-${sha256 === null ? "unrecorded" : sha256.slice(0, 12)}.tgz`;
}

/** File name of the package with a chart's custom resource definitions, for charts whose way is `derived`. */
export function crdsPackageName(chart: Pick<LockedChart, "name" | "version" | "sha256">): string {
  return packageName({ ...chart, name: crdsChartName(chart) });
}

/** Name of the chart with another chart's custom resource definitions. */
export function crdsChartName({ name }: Pick<LockedChart, "name">): string {
  return `${name}-crds`;
}

/**
 * Charts whose packages would have the names of another's: `a` with a derived `a-crds` beside a chart `a-crds`, or `a`
 * 1.0.0-1.0.0 beside `a-1.0.0` 1.0.0. Some file systems hold `A` and `a` for the same.
 */
function sharedNames(charts: Readonly<Record<string, z.infer<typeof chartSchema>>>): { readonly name: string; readonly other: string }[] {
  const owners = new Map<string, string>();
  return Object.entries(charts).flatMap(([name, { version, crds }]) => {
    const names = crds.way === "derived" ? [name, crdsChartName({ name })] : [name];
    const claims = names.flatMap((each) => [each, `${each}-${version}`]).map((claim) => claim.toLowerCase());
    const other = claims.map((claim) => owners.get(claim)).find((owner) => owner !== undefined);
    for (const claim of claims) owners.set(claim, name);
    return other === undefined ? [] : [{ name, other }];
  });
}
