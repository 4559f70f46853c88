import { describe, expect, it } from "vitest";
import { z } from "zod";
import { FleetError, type Problem } from "../../config/problems";
import { releaseOrder, type ReleaseDescription } from "../../config/release";
import { resolveFleet, type FleetFiles } from "../../config/resolve";
import { longestGapHours } from "../../config/schedules";
import { RELEASE_DESCRIPTIONS } from "../../constructs/platform";
import { filesWith } from "../support/fleet-files";
import { aCluster, aFleet, RUNNING } from "../support/fleets";

/** A release that a test makes up. */
function aRelease(name: string, overrides: Partial<ReleaseDescription> = {}): ReleaseDescription {
  return {
    name,
    chart: { locked: "metrics-server" },
    namespace: { name: "kube-system" },
    requires: [],
    options: z.strictObject({}),
    without: "",
    look: [],
    ...overrides,
  };
}

/** What a platform is refused with. */
function problems(platform: object, files: Partial<FleetFiles> = {}, state: unknown = RUNNING): readonly Problem[] {
  const cluster = aCluster({ platform });
  try {
    resolveFleet(aFleet({ clusters: { dev: cluster } }), filesWith(state, files));
    return [];
  } catch (error) {
    if (error instanceof FleetError) return error.problems;
    throw error;
  }
}

describe("what a fleet asks for", () => {
  it("may be every release there is", () => {
    const everything = Object.fromEntries(RELEASE_DESCRIPTIONS.filter(({ onRequest }) => onRequest).map(({ name }) => [name, true]));
    expect(problems(everything)).toEqual([]);
  });

  it("must exist; the nearest name is offered", () => {
    expect(problems({ "extrenal-dns": true })).toMatchObject([
      { path: "clusters.dev.platform.extrenal-dns", fix: expect.stringContaining('did you mean "external-dns"?') as string },
    ]);
  });

  it("must take the options it is given", () => {
    expect(problems({ loki: { volumeGib: 20 }, "metrics-server": { replicas: 0 } })).toMatchObject([
      { path: "clusters.dev.platform.metrics-server.replicas", reason: "0 is too small" },
      { path: "clusters.dev.platform.loki.volumeGib", fix: expect.stringContaining('"volumeGiB"') as string },
    ]);
    expect(problems({ loki: "yes" })).toMatchObject([{ path: "clusters.dev.platform.loki" }]);
  });

  it("must include what it requires: both sides are named", () => {
    expect(problems({ loki: false })).toMatchObject([
      { path: "clusters.dev.platform.alloy-logs", reason: "alloy-logs requires loki, which this cluster does not get" },
      { path: "clusters.dev.platform.alloy-events", reason: "alloy-events requires loki, which this cluster does not get" },
    ]);
    expect(problems({ loki: false, "alloy-logs": false, "alloy-events": false })).toEqual([]);
  });
});

describe("releases among each other", () => {
  it("cannot require each other in a circle", () => {
    const releases = [
      aRelease("a", { requires: ["b"] }),
      aRelease("b", { requires: ["c"], chart: { locked: "loki" } }),
      aRelease("c", { requires: ["a"], chart: { locked: "velero" } }),
    ];
    expect(problems({}, { releases })).toMatchObject([
      { path: "clusters.dev.platform", reason: "requirements go in a circle: a requires b requires c requires a" },
    ]);
  });

  it("cannot be there together when one conflicts with the other", () => {
    const releases = [aRelease("a", { conflictsWith: ["b"] }), aRelease("b", { chart: { locked: "loki" } })];
    expect(problems({}, { releases })).toMatchObject([
      { path: "clusters.dev.platform.a", reason: "a and b cannot be on the same cluster" },
    ]);
    expect(problems({ b: false }, { releases })).toEqual([]);
  });

  it("cannot claim one definition, or one port of the host, twice", () => {
    const releases = [
      aRelease("a", { chart: { locked: "velero" }, hostPorts: [9100] }),
      aRelease("b", { chart: { locked: "velero" } }),
      aRelease("c", { chart: { locked: "loki" }, hostPorts: [9100] }),
    ];
    const found = problems({}, { releases }).map(({ reason }) => reason);
    expect(found).toContain("b and a both claim the definition backups.velero.io");
    expect(found).toContain("c and a both claim port 9100 of the host");
  });

  it("may share a chart that leaves its definitions out", () => {
    const releases = [aRelease("a", { chart: { locked: "alloy" } }), aRelease("b", { chart: { locked: "alloy" } })];
    expect(problems({}, { releases })).toEqual([]);
  });

  it("have names of their own", () => {
    const releases = [aRelease("a"), aRelease("a")];
    expect(problems({}, { releases })).toContainEqual({
      path: "constructs/platform: a",
      reason: "stands twice in the index of releases",
      fix: "give each release a name of its own",
    });
  });
});

describe("the lock", () => {
  it("must pin the chart of every release", () => {
    expect(problems({}, { releases: [aRelease("a", { chart: { locked: "metric-server" } })] })).toMatchObject([
      {
        path: "constructs/platform: a",
        reason: 'uses the chart "metric-server", which charts.lock.json does not pin',
        fix: expect.stringContaining('"metrics-server"') as string,
      },
    ]);
  });

  it("decides which minors a release supports", () => {
    const { lock } = filesWith(RUNNING) as { lock: { charts: Record<string, object> } };
    const old = { ...lock, charts: { ...lock.charts, loki: { ...lock.charts["loki"], kubeVersion: ">=1.25.0-0 <1.36.0-0" } } };
    expect(problems({}, { lock: old })).toMatchObject([
      {
        path: "fleet.state.json: dev.colours.blue.kubernetes",
        reason: "loki 18.11.0 runs on Kubernetes >=1.25.0-0 <1.36.0-0, and 1.36 is not in it",
      },
    ]);
    expect(problems({}, { lock: old }, { dev: { colours: { blue: { kubernetes: "1.35", weight: 100 } } } })).toEqual([]);
  });

  it("of a wrong shape is refused with its path", () => {
    expect(problems({}, { lock: { charts: {} } }).map(({ path }) => path)).toContain("charts.lock.json: date");
  });
});

it("our own charts must exist", () => {
  expect(problems({}, { releases: [aRelease("a", { chart: { local: "volume-gard" } })] })).toMatchObject([
    { reason: "uses the chart local-charts/volume-gard, which does not exist", fix: expect.stringContaining('"volume-guard"') as string },
  ]);
});

it("what is free keeps the index's order", () => {
  const [a, b, c] = [aRelease("a", { requires: ["c"] }), aRelease("b"), aRelease("c")];
  expect(releaseOrder([a, b, c]).order?.map(({ name }) => name)).toEqual(["c", "a", "b"]);
});

describe("the longest time between two backups", () => {
  it.each([
    ["17 * * * *", 1],
    ["0 3 * * *", 24],
    ["41 2 * * 0", 168],
    ["0 6,18 * * 1-5", 60],
    ["0 0 1 * *", 31 * 24],
  ])("of %s is %d hours", (cron, hours) => {
    expect(longestGapHours(cron)).toBe(hours);
  });
});
