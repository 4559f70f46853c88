import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readArchive, writeArchive } from "../../charts/archive";
import { checkPackages } from "../../charts/check-packages";
import { packLocalChart, placePackages } from "../../charts/place-packages";
import { packageName, type LockedChart } from "../../config/chart-lock";
import { readChartFiles } from "../../config/files";
import { localPackageName } from "../../config/local-charts";
import { ROOT } from "../support/checkout";

let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "drydock-packages-"));
  mkdirSync(join(root, "vendor", "charts"), { recursive: true });
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

const SCHEMA = {
  $schema: "http://json-schema.org/draft-07/schema#",
  type: "object",
  required: ["replicas", "name"],
  properties: {
    replicas: { type: "integer", minimum: 1 },
    name: { type: "string" },
    log: { properties: { level: { enum: ["INFO", "WARN"] } } },
  },
};

/** Puts a package into the checkout and answers with its entry in the lock. */
async function aPackage(): Promise<{ readonly chart: LockedChart; readonly path: string }> {
  const bytes = await writeArchive([
    { name: "demo/Chart.yaml", content: "name: demo\nversion: 1.0.0\n" },
    { name: "demo/values.yaml", content: "name: default\nreplicas: 1\n" },
    { name: "demo/values.schema.json", content: JSON.stringify(SCHEMA) },
  ]);
  const chart: LockedChart = {
    name: "demo",
    version: "1.0.0",
    appVersion: "1",
    url: "https://example.org/demo.tgz",
    sha256: createHash("sha256").update(bytes).digest("hex"),
    digestSource: "test",
    images: [],
    crds: { way: "none", names: [] },
  };
  const path = join(root, "vendor", "charts", packageName(chart));
  writeFileSync(path, bytes);
  return { chart, path };
}

/** A package of the chart `bad`. */
async function demo({ schema = "{}", defaults = "{}" }: { readonly schema?: string; readonly defaults?: string }): Promise<Buffer> {
  return writeArchive([
    { name: "bad/values.yaml", content: defaults },
    { name: "bad/values.schema.json", content: schema },
  ]);
}

const values = (given: object) => [{ path: "clusters.dev: values of demo", chart: "demo", values: given }];

describe("values against the chart's own schema", () => {
  it("are completed with the chart's defaults first, as Helm does", async () => {
    const { chart } = await aPackage();
    expect(await checkPackages(root, [chart], values({ replicas: 2 }))).toEqual([]);
  });

  it("are refused where they do not follow it, each problem once and with its path", async () => {
    const { chart } = await aPackage();
    const problems = await checkPackages(root, [chart], values({ replicas: 0, log: { level: "LOUD" } }));
    expect(problems.map(({ path }) => path).sort()).toEqual([
      "clusters.dev: values of demo.log.level",
      "clusters.dev: values of demo.replicas",
    ]);
    expect(problems[0]?.reason).toContain("does not follow the schema of demo");
  });

  it("are held to a schema with a byte order mark too", async () => {
    const bytes = await demo({ schema: `\uFEFF{"required": ["x"]}` });
    const { chart } = await aPackage();
    const bad = { ...chart, name: "bad", sha256: createHash("sha256").update(bytes).digest("hex") };
    writeFileSync(join(root, "vendor", "charts", packageName(bad)), bytes);
    const [problem] = await checkPackages(root, [bad], [{ path: "p", chart: "bad", values: {} }]);
    expect(problem?.reason).toContain("does not follow the schema of bad");
  });

  it("lose a default that they set to null", async () => {
    const { chart } = await aPackage();
    const [problem] = await checkPackages(root, [chart], values({ name: null }));
    expect(problem?.reason).toContain('"name"');
  });
});

describe("a package", () => {
  it.each([
    ["tampered with", (bytes: Buffer) => Buffer.concat([bytes, Buffer.from("x")])],
    ["cut short", (bytes: Buffer) => bytes.subarray(0, 100)],
  ])("%s is refused, with what to type", async (_, change) => {
    const { chart, path } = await aPackage();
    writeFileSync(path, change(readFileSync(path)));
    const problems = await checkPackages(root, [chart], values({}));
    expect(problems).toMatchObject([{ path: `vendor/charts/${packageName(chart)}`, fix: "delete it and run npx drydock charts pull" }]);
  });

  it("cut short is refused also while the lock has no digest of it", async () => {
    const { chart, path } = await aPackage();
    const unrecorded = { ...chart, sha256: null };
    writeFileSync(join(root, "vendor", "charts", packageName(unrecorded)), readFileSync(path).subarray(0, 100));
    expect(await checkPackages(root, [unrecorded], values({}))).toMatchObject([
      { path: "vendor/charts/demo-1.0.0-unrecorded.tgz", reason: expect.stringContaining("is no whole package") as string },
    ]);
  });

  it.each([
    ["is a bomb", () => gzipSync(Buffer.alloc(65 * 1024 * 1024)), "unpacks to more than 64 MiB"],
    ["has a schema that is no JSON", () => demo({ schema: "{" }), "values.schema.json is no JSON"],
    ["has a schema that is a list", () => demo({ schema: "[]" }), "values.schema.json is no schema"],
    ["has a schema that refers to itself", () => demo({ schema: `{"$ref": "#"}` }), "values.schema.json cannot be followed"],
    [
      "has a schema that takes forever",
      () => demo({ schema: `{"properties": {"name": {"pattern": "^(a+)+$"}}}`, defaults: `name: ${"a".repeat(40)}!\n` }),
      "values.schema.json cannot be followed: Script execution timed out",
    ],
    ["has defaults that are no YAML", () => demo({ defaults: "a: [" }), "values.yaml is no YAML that is accepted"],
    ["has defaults with a key twice", () => demo({ defaults: "a: 1\na: 2\n" }), "the key a twice"],
    ["has defaults larger than values are", () => demo({ defaults: "#".repeat(1024 * 1024 + 1) }), "larger than 1024 KiB"],
  ])("that %s is a problem with a sentence, and hides no other", async (_, make, words) => {
    const bytes = await make();
    const { chart } = await aPackage();
    const bad = { ...chart, name: "bad", sha256: createHash("sha256").update(bytes).digest("hex") };
    writeFileSync(join(root, "vendor", "charts", packageName(bad)), bytes);
    const both = [...values({ replicas: 0 }), { path: "bad", chart: "bad", values: {} }];
    expect(await checkPackages(root, [bad, chart], both)).toMatchObject([
      { path: `vendor/charts/${packageName(bad)}`, reason: expect.stringContaining(words) as string },
      { path: "clusters.dev: values of demo.replicas" },
    ]);
  });

  it("that is a link to a device is a problem", async () => {
    const { chart, path } = await aPackage();
    rmSync(path);
    symlinkSync("/dev/zero", path);
    expect(await checkPackages(root, [chart], values({}))).toMatchObject([
      { reason: expect.stringContaining("is no plain file") as string },
    ]);
  });

  it("that is not there is no problem", async () => {
    const { chart, path } = await aPackage();
    rmSync(path);
    expect(await checkPackages(root, [chart], values({ replicas: 0 }))).toEqual([]);
  });
});

describe("a synthesis", () => {
  it("holds the packages it names, and says which are missing", async () => {
    const { chart } = await aPackage();
    const missing = await placePackages(root, join(root, "out"), [packageName(chart), "other-1.0.0-unrecorded.tgz"], []);
    expect(missing).toEqual(["other-1.0.0-unrecorded.tgz"]);
    expect(readdirSync(join(root, "out", "charts"))).toEqual([packageName(chart)]);
  });

  it("forgets what the last one placed", async () => {
    const { chart } = await aPackage();
    await placePackages(root, join(root, "out"), [packageName(chart)], []);
    await placePackages(root, join(root, "out"), [], []);
    expect(readdirSync(join(root, "out", "charts"))).toEqual([]);
  });
});

describe("our own charts", () => {
  const { localCharts } = readChartFiles(ROOT);

  it("are packed whole, the same bytes each time, under a name that their content decides", async () => {
    for (const chart of localCharts) {
      const bytes = await packLocalChart(ROOT, chart.name);
      expect(await packLocalChart(ROOT, chart.name)).toEqual(bytes);
      const names = (await readArchive(bytes)).map(({ name }) => name);
      expect(names).toContain(`${chart.name}/Chart.yaml`);
      expect(names.some((name) => name.startsWith(`${chart.name}/templates/`))).toBe(true);
      expect(localPackageName(chart)).toBe(`${chart.name}-${chart.version}-${chart.digest.slice(0, 12)}.tgz`);
    }
  });

  it("change their name with every byte, so that Helm upgrades", () => {
    mkdirSync(join(root, "local-charts", "one", "templates"), { recursive: true });
    writeFileSync(join(root, "charts.lock.json"), "{}");
    writeFileSync(join(root, "local-charts", "one", "Chart.yaml"), "name: one\nversion: 0.1.0\n");
    writeFileSync(join(root, "local-charts", "one", "templates", "a.yaml"), "a");
    const [before] = readChartFiles(root).localCharts;
    writeFileSync(join(root, "local-charts", "one", "templates", "a.yaml"), "b");
    const [after] = readChartFiles(root).localCharts;
    expect(before && after && [before.version, localPackageName(before) === localPackageName(after)]).toEqual(["0.1.0", false]);
  });
});
