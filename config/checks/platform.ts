import { satisfies } from "semver";
import type { LockedChart } from "../chart-lock";
import { COLOURS } from "../fleet";
import { nameFix } from "../nearest";
import type { Problem } from "../problems";
import { releaseOrder, type ReleaseDescription } from "../release";
import { chosenReleases } from "../chosen-releases";
import { schemaProblems } from "../schema-problems";
import type { Check, FleetInput } from "./input";

/** The releases of each cluster: known, with what they require, without what they clash with, and on a minor they support. */
export const checkPlatforms: Check = (input) => [
  ...catalogue(input),
  ...Object.entries(input.fleet.clusters).flatMap(([name, cluster]) => {
    const path = `clusters.${name}.platform`;
    const platform: Readonly<Record<string, unknown>> = { ...cluster.platform };
    const known = input.releases.map((release) => release.name);
    const unknown = Object.keys(platform).filter((release) => !known.includes(release));
    const chosen = chosenReleases(input.releases, platform);
    return [
      ...unknown.map((release) => ({
        path: `${path}.${release}`,
        reason: "is not a release that Drydock has",
        fix: nameFix(release, known),
      })),
      ...input.releases.flatMap((release) => options(`${path}.${release.name}`, release, platform)),
      ...requirements(path, chosen),
      ...conflicts(path, chosen),
      ...claims(path, chosen, input),
      ...chosen.flatMap((release) => minors(name, release, input)),
    ];
  }),
];

/** What no fleet can mend, and whoever adds a release should see at once. */
function catalogue({ releases, charts, localCharts }: FleetInput): Problem[] {
  const twice = releases.filter(({ name }, index) => releases.findIndex((other) => other.name === name) < index);
  return [
    ...twice.map(({ name }) => ({
      path: `constructs/platform: ${name}`,
      reason: "stands twice in the index of releases",
      fix: "give each release a name of its own",
    })),
    ...releases.flatMap(({ name, chart }) => {
      const path = `constructs/platform: ${name}`;
      if ("locked" in chart) {
        const known = charts.map((locked) => locked.name);
        return known.includes(chart.locked)
          ? []
          : [{ path, reason: `uses the chart "${chart.locked}", which charts.lock.json does not pin`, fix: nameFix(chart.locked, known) }];
      }
      const known = localCharts.map((local) => local.name);
      return known.includes(chart.local)
        ? []
        : [{ path, reason: `uses the chart local-charts/${chart.local}, which does not exist`, fix: nameFix(chart.local, known) }];
    }),
  ];
}

function options(path: string, { name, options: schema }: ReleaseDescription, platform: Readonly<Record<string, unknown>>): Problem[] {
  const given = platform[name];
  if (given === undefined || typeof given === "boolean") return [];
  return schemaProblems(schema, given, `${path}.`).map((problem) => ({ ...problem, path: problem.path.replace(/\.$/, "") }));
}

function requirements(path: string, chosen: readonly ReleaseDescription[]): Problem[] {
  const names = chosen.map(({ name }) => name);
  const missing = chosen.flatMap(({ name, requires }) =>
    requires
      .filter((required) => !names.includes(required))
      .map((required) => ({
        path: `${path}.${name}`,
        reason: `${name} requires ${required}, which this cluster does not get`,
        fix: `remove "${required}": false, or leave ${name} out too`,
      })),
  );
  const { circle } = releaseOrder(chosen);
  return circle
    ? [
        ...missing,
        { path, reason: `requirements go in a circle: ${circle.join(" requires ")}`, fix: `take one of these requirements away` },
      ]
    : missing;
}

function conflicts(path: string, chosen: readonly ReleaseDescription[]): Problem[] {
  return chosen.flatMap(({ name, conflictsWith = [] }) =>
    chosen
      .filter((other) => conflictsWith.includes(other.name))
      .map((other) => ({
        path: `${path}.${name}`,
        reason: `${name} and ${other.name} cannot be on the same cluster`,
        fix: `leave one of them out, such as "${other.name}": false`,
      })),
  );
}

/** Two owners of one definition overwrite each other; two pods with one host port never run on one node. */
function claims(path: string, chosen: readonly ReleaseDescription[], input: FleetInput): Problem[] {
  const claimed = chosen.flatMap((release) => {
    const { crds } = chartOf(release, input) ?? {};
    return [
      ...(crds && crds.way !== "skipped" ? crds.names : []).map((name) => ({ release: release.name, what: `the definition ${name}` })),
      ...(release.hostPorts ?? []).map((port) => ({ release: release.name, what: `port ${port} of the host` })),
    ];
  });
  return claimed.flatMap(({ release, what }, index) => {
    const first = claimed.slice(0, index).find((other) => other.what === what && other.release !== release);
    return first
      ? [{ path: `${path}.${release}`, reason: `${release} and ${first.release} both claim ${what}`, fix: `leave one of them out` }]
      : [];
  });
}

function minors(cluster: string, release: ReleaseDescription, input: FleetInput): Problem[] {
  const chart = chartOf(release, input);
  const range = chart?.kubeVersion;
  if (!chart || range === undefined) return [];
  return COLOURS.flatMap((colour) => {
    const minor = input.state[cluster]?.colours[colour]?.kubernetes;
    if (minor === undefined || satisfies(`${minor}.0`, range, { includePrerelease: true })) return [];
    return [
      {
        path: `fleet.state.json: ${cluster}.colours.${colour}.kubernetes`,
        reason: `${release.name} ${chart.version} runs on Kubernetes ${range}, and ${minor} is not in it`,
        fix: `use a minor that it supports, pin another version of the chart, or leave ${release.name} out`,
      },
    ];
  });
}

function chartOf({ chart }: ReleaseDescription, { charts }: FleetInput): LockedChart | undefined {
  return "locked" in chart ? charts.find(({ name }) => name === chart.locked) : undefined;
}
