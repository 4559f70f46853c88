import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readArchive, writeArchive, type ArchiveFile } from "../../charts/archive";
import { readLock } from "../../charts/lock";
import { missingPackages, pullCharts, verifyCharts } from "../../charts/pull";

let folder = "";
let server: Server;
let address = "";
/** What the server answers, by path; a function may change its mind. */
let answers: Record<string, Buffer | number | (() => Buffer | number)>;
let requests: string[];

const crd = (name: string) =>
  `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: ${name}\nspec:\n  description: "a {{ brace }}"\n`;
const chartFiles = (name: string, version: string, more: readonly ArchiveFile[] = []): readonly ArchiveFile[] => [
  { name: `${name}/Chart.yaml`, content: `apiVersion: v2\nname: ${name}\nversion: ${version}\n` },
  ...more,
];
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "drydock-charts-"));
  answers = {};
  requests = [];
  server = createServer((request, response) => {
    requests.push(request.url ?? "");
    const entry = answers[request.url ?? ""] ?? 404;
    const answer = typeof entry === "function" ? entry() : entry;
    if (typeof answer === "number") response.writeHead(answer).end();
    else response.writeHead(200, { "content-length": answer.length }).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const packages = () => join(folder, "packages");
const lockFile = () => join(folder, "lock.json");

function writeLock(charts: Record<string, object>): void {
  const complete = Object.fromEntries(
    Object.entries(charts).map(([name, chart]) => [
      name,
      {
        version: "1.0.0",
        appVersion: "1",
        url: `http://${address}/${name}.tgz`,
        sha256: null,
        digestSource: "test",
        images: [],
        crds: { way: "none", names: [] },
        ...chart,
      },
    ]),
  );
  writeFileSync(lockFile(), JSON.stringify({ $schema: "x", date: "2026-01-01", source: "test", charts: complete }));
}

const pull = () => pullCharts({ lockFile: lockFile(), folder: packages(), parallel: 4, today: "2026-11-23" });
const files = () => (existsSync(packages()) ? readdirSync(packages()).sort() : []);

describe("pull", () => {
  it("brings in what the lock pins, and does not ask again for what is there", async () => {
    const bytes = await writeArchive(chartFiles("a", "1.0.0"));
    answers["/a.tgz"] = bytes;
    writeLock({ a: { sha256: sha256(bytes) } });
    expect(await pull()).toMatchObject([{ chart: "a", status: "pulled" }]);
    expect(files()).toEqual([`a-1.0.0-${sha256(bytes).slice(0, 12)}.tgz`]);
    expect(await pull()).toMatchObject([{ status: "present" }]);
    expect(requests).toEqual(["/a.tgz"]);
    expect(await verifyCharts(lockFile(), packages())).toMatchObject([{ problem: "" }]);
    expect(missingPackages(lockFile(), packages())).toEqual([]);
  });

  it("records a digest that the lock lacks, and holds later pulls to it", async () => {
    const bytes = await writeArchive(chartFiles("a", "1.0.0"));
    answers["/a.tgz"] = bytes;
    writeLock({ a: {} });
    expect(await pull()).toMatchObject([{ status: "recorded", sha256: sha256(bytes) }]);
    expect(readLock(lockFile()).charts["a"]).toMatchObject({
      sha256: sha256(bytes),
      digestSource: "recorded at the first pull, 2026-11-23",
    });
    rmSync(packages(), { recursive: true });
    answers["/a.tgz"] = await writeArchive(chartFiles("a", "1.0.0", [{ name: "a/evil", content: "x" }]));
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
    answers["/a.tgz"] = spoil(bytes);
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
    answers["/a.tgz"] = await make();
    writeLock({ a: {} });
    const [result] = await pull();
    expect(result?.status === "failed" ? result.reason : result).toMatch(words);
    expect(readLock(lockFile()).charts["a"]?.sha256).toBeNull();
    expect(files()).toEqual([]);
  });

  it("tries again what may pass, and not what will not; the others still come", async () => {
    const bytes = await writeArchive(chartFiles("a", "1.0.0"));
    let failures = 2;
    answers["/a.tgz"] = () => (failures-- > 0 ? 503 : bytes);
    writeLock({ a: { sha256: sha256(bytes) }, gone: { sha256: "0".repeat(64) } });
    expect(await pull()).toMatchObject([
      { chart: "a", status: "pulled" },
      { chart: "gone", status: "failed" },
    ]);
    expect(requests.filter((path) => path === "/a.tgz")).toHaveLength(3);
    expect(requests.filter((path) => path === "/gone.tgz")).toHaveLength(1);
  });

  it("takes the place of another build of the same version", async () => {
    const bytes = await writeArchive(chartFiles("a", "1.0.0"));
    answers["/a.tgz"] = bytes;
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
    const layer = `sha256:${sha256(bytes)}`;
    const seen: (string | undefined)[] = [];
    server.removeAllListeners("request");
    server.on("request", (request, response) => {
      const path = request.url ?? "";
      seen.push(request.headers.authorization);
      if (path.startsWith("/token")) response.end(JSON.stringify({ token: "secret-token" }));
      else if (request.headers.authorization !== "Bearer secret-token")
        response
          .writeHead(401, {
            "www-authenticate": `Bearer realm="http://${address}/token",service="registry",scope="repository:charts/a:pull"`,
          })
          .end();
      else if (path === "/v2/charts/a/manifests/1.0.0")
        response.end(
          JSON.stringify({
            layers: [
              { mediaType: "application/vnd.cncf.helm.chart.provenance.v1.prov", digest: "sha256:1" },
              { mediaType: "application/vnd.cncf.helm.chart.content.v1.tar+gzip", digest: layer },
            ],
          }),
        );
      else if (path === `/v2/charts/a/blobs/${layer}`) response.end(bytes);
      else response.writeHead(404).end();
    });
    writeLock({ a: { url: `oci://${address}/charts/a`, sha256: sha256(bytes) } });
    expect(await pull()).toMatchObject([{ status: "pulled" }]);
    expect(seen).toContain("Bearer secret-token");
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
    answers["/a.tgz"] = bytes;
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
    answers["/a.tgz"] = bytes;
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
    answers["/a.tgz"] = bytes;
    writeLock({ a: { sha256: sha256(bytes), crds: derived } });
    expect(JSON.stringify(await pull())).toContain("has no definition of ones.example.org");
  });
});

describe("verify", () => {
  it("says what is missing, unrecorded or tampered with, and what to do", async () => {
    const bytes = await writeArchive(chartFiles("a", "1.0.0"));
    answers["/a.tgz"] = bytes;
    writeLock({ a: { sha256: sha256(bytes) }, b: { sha256: "1".repeat(64) } });
    await pull();
    writeFileSync(join(packages(), `a-1.0.0-${sha256(bytes).slice(0, 12)}.tgz`), "tampered");
    const problems = Object.fromEntries((await verifyCharts(lockFile(), packages())).map(({ chart, problem }) => [chart, problem]));
    expect(problems["a"]).toContain("delete it and pull again");
    expect(problems["b"]).toBe("is missing; run npx drydock charts pull");
  });
});
