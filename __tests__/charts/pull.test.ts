import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readArchive, writeArchive } from "../../charts/archive";
import { readLock } from "../../charts/lock";
import { missingPackages, pullCharts, verifyCharts } from "../../charts/pull";
import { startHttps, type HttpsServer } from "./https-server";
import { aRegistry } from "./registry";
import { chartFiles, crd, lockOf, sha256 } from "./locks";

let folder = "";
let server: HttpsServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "drydock-charts-"));
  server = await startHttps();
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const packages = () => join(folder, "packages");
const lockFile = () => join(folder, "lock.json");

function writeLock(charts: Record<string, object>): void {
  const entries = Object.entries(charts).map(([name, chart]) => [name, { url: `https://${server.address}/${name}.tgz`, ...chart }]);
  writeFileSync(lockFile(), lockOf(Object.fromEntries(entries) as Record<string, object>));
}

const pull = () => pullCharts({ lockFile: lockFile(), folder: packages(), parallel: 4, today: "2026-11-23", fetch: server.fetch });
const asked = () => server.requests.map(({ path }) => path);
const files = () => (existsSync(packages()) ? readdirSync(packages()).sort() : []);

describe("pull", () => {
  it("brings in what the lock pins, and does not ask again for what is there", async () => {
    const bytes = await writeArchive(chartFiles("a", "1.0.0"));
    server.answers["/a.tgz"] = bytes;
    writeLock({ a: { sha256: sha256(bytes) } });
    expect(await pull()).toMatchObject([{ chart: "a", status: "pulled" }]);
    expect(files()).toEqual([`a-1.0.0-${sha256(bytes).slice(0, 12)}.tgz`]);
    expect(await pull()).toMatchObject([{ status: "present" }]);
    expect(asked()).toEqual(["/a.tgz"]);
    expect(await verifyCharts(lockFile(), packages())).toMatchObject([{ problem: "" }]);
    expect(missingPackages(lockFile(), packages())).toEqual([]);
  });

  it("records a digest that the lock lacks, and holds later pulls to it", async () => {
    const bytes = await writeArchive(chartFiles("a", "1.0.0"));
    server.answers["/a.tgz"] = bytes;
    writeLock({ a: {} });
    expect(await pull()).toMatchObject([{ status: "recorded", sha256: sha256(bytes) }]);
    expect(readLock(lockFile()).charts["a"]).toMatchObject({
      sha256: sha256(bytes),
      digestSource: "recorded at the first pull, 2026-11-23",
    });
    rmSync(packages(), { recursive: true });
    server.answers["/a.tgz"] = await writeArchive(chartFiles("a", "1.0.0", [{ name: "a/evil", content: "x" }]));
    const [result] = await pull();
    expect(result).toMatchObject({ status: "failed" });
    expect(JSON.stringify(result)).toContain("it is not what was locked");
    expect(files()).toEqual([]);
  });

  it.each([
    ["another digest", (bytes: Buffer) => Buffer.concat([bytes, Buffer.from("x")]), "it is not what was locked"],
    ["half of it", (bytes: Buffer) => bytes.subarray(0, bytes.length / 2), "it is not what was locked"],
  ])("a package with %s gets no name", async (_what, spoil, words) => {
    const bytes = await writeArchive(chartFiles("a", "1.0.0"));
    server.answers["/a.tgz"] = spoil(bytes);
    writeLock({ a: { sha256: sha256(bytes) } });
    expect(JSON.stringify(await pull())).toContain(words);
    expect(files()).toEqual([]);
  });

  it.each([
    ["no archive", () => Promise.resolve(Buffer.from("<html>not found</html>")), /incorrect header|unexpected end/i],
    ["another chart", () => writeArchive(chartFiles("b", "1.0.0")), /holds b 1\.0\.0, not a 1\.0\.0/],
    ["another version", () => writeArchive(chartFiles("a", "2.0.0")), /holds a 2\.0\.0, not a 1\.0\.0/],
    ["an archive that ends early", async () => (await writeArchive(chartFiles("a", "1.0.0"))).subarray(0, 60), /unexpected end/i],
  ])("an unrecorded address with %s records nothing", async (_what, make, words) => {
    server.answers["/a.tgz"] = await make();
    writeLock({ a: {} });
    const [result] = await pull();
    expect(result?.status === "failed" ? result.reason : result).toMatch(words);
    expect(readLock(lockFile()).charts["a"]?.sha256).toBeNull();
    expect(files()).toEqual([]);
  });

  it("tries again what may pass, and not what will not; the others still come", async () => {
    const bytes = await writeArchive(chartFiles("a", "1.0.0"));
    let failures = 2;
    server.answers["/a.tgz"] = (_, response) => (failures-- > 0 ? response.writeHead(503).end() : response.end(bytes));
    writeLock({ a: { sha256: sha256(bytes) }, gone: { sha256: "0".repeat(64) } });
    expect(await pull()).toMatchObject([
      { chart: "a", status: "pulled" },
      { chart: "gone", status: "failed" },
    ]);
    expect(asked().filter((path) => path === "/a.tgz")).toHaveLength(3);
    expect(asked().filter((path) => path === "/gone.tgz")).toHaveLength(1);
  });

  it("takes the place of another build of the same version", async () => {
    const bytes = await writeArchive(chartFiles("a", "1.0.0"));
    server.answers["/a.tgz"] = bytes;
    writeLock({ a: {} });
    await pull();
    writeFileSync(join(packages(), "a-1.0.0-unrecorded.tgz"), "old");
    writeFileSync(join(packages(), "a-1.0.1-unrecorded.tgz"), "another version");
    rmSync(join(packages(), `a-1.0.0-${sha256(bytes).slice(0, 12)}.tgz`));
    await pull();
    expect(files()).toEqual([`a-1.0.0-${sha256(bytes).slice(0, 12)}.tgz`, "a-1.0.1-unrecorded.tgz"]);
  });
});

describe("a registry", () => {
  it("gives the chart's layer of a tag, after an anonymous token where it wants one", async () => {
    const bytes = await writeArchive(chartFiles("a", "1.0.0"));
    server.answers = aRegistry(server, bytes);
    writeLock({ a: { url: `oci://${server.address}/charts/a`, sha256: sha256(bytes) } });
    expect(await pull()).toMatchObject([{ status: "pulled" }]);
    expect(server.requests.map(({ headers }) => headers.authorization)).toContain("Bearer secret-token");
  });
});

describe("definitions that Helm would never upgrade", () => {
  const withCrds = () =>
    writeArchive(
      chartFiles("a", "1.0.0", [
        { name: "a/crds/one.yaml", content: `${crd("ones.example.org")}---\n${crd("twos.example.org")}` },
        { name: "a/crds/hub.yaml", content: crd("hubs.example.org") },
      ]),
    );
  const derived = { way: "derived", names: ["ones.example.org", "twos.example.org"] };

  it("become a chart of their own: only those the lock names, kept on uninstall, no template in them evaluated", async () => {
    const bytes = await withCrds();
    server.answers["/a.tgz"] = bytes;
    writeLock({ a: { sha256: sha256(bytes), crds: derived } });
    await pull();
    const file = `a-crds-1.0.0-${sha256(bytes).slice(0, 12)}.tgz`;
    expect(files()).toContain(file);
    const made = await readArchive(readFileSync(join(packages(), file)));
    expect(made.map(({ name }) => name)).toEqual([
      "a-crds/Chart.yaml",
      "a-crds/templates/ones.example.org.yaml",
      "a-crds/templates/twos.example.org.yaml",
    ]);
    expect(made[1]?.content).toContain("helm.sh/resource-policy: keep");
    expect(made[1]?.content).toContain('{{ "{{" }} brace }}');
  });

  it("give the same bytes each time, and verify notices other ones", async () => {
    const bytes = await withCrds();
    server.answers["/a.tgz"] = bytes;
    writeLock({ a: { sha256: sha256(bytes), crds: derived } });
    const file = join(packages(), `a-crds-1.0.0-${sha256(bytes).slice(0, 12)}.tgz`);
    await pull();
    const first = readFileSync(file);
    rmSync(file);
    await pull();
    expect(readFileSync(file).equals(first)).toBe(true);
    writeFileSync(file, "tampered");
    expect((await verifyCharts(lockFile(), packages())).map(({ problem }) => problem)).toEqual([
      "",
      "is not what its chart gives; delete it and pull again",
    ]);
  });

  it("that the lock names and the chart lacks are an error", async () => {
    const bytes = await writeArchive(chartFiles("a", "1.0.0"));
    server.answers["/a.tgz"] = bytes;
    writeLock({ a: { sha256: sha256(bytes), crds: derived } });
    expect(JSON.stringify(await pull())).toContain("has no definition of ones.example.org");
  });
});

describe("verify", () => {
  it("says what is missing, unrecorded or tampered with, and what to do", async () => {
    const bytes = await writeArchive(chartFiles("a", "1.0.0"));
    server.answers["/a.tgz"] = bytes;
    writeLock({ a: { sha256: sha256(bytes) }, b: { sha256: "1".repeat(64) } });
    await pull();
    writeFileSync(join(packages(), `a-1.0.0-${sha256(bytes).slice(0, 12)}.tgz`), "tampered");
    const problems = Object.fromEntries((await verifyCharts(lockFile(), packages())).map(({ chart, problem }) => [chart, problem]));
    expect(problems["a"]).toContain("delete it and pull again");
    expect(problems["b"]).toBe("is missing; run npx drydock charts pull");
  });
});
