import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeArchive } from "../../charts/archive";
import { pullCharts, verifyCharts } from "../../charts/pull";
import { crdsPackageName, LOCK_FILE, packageName } from "../../config/chart-lock";
import { ROOT } from "../support/checkout";
import { drydock } from "../support/drydock";
import { startHttps, type HttpsServer } from "./https-server";
import { chartFiles, crd, lockOf, sha256 } from "./locks";

let folder = "";
let server: HttpsServer;
let whole: Buffer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "drydock-command-"));
  mkdirSync(join(folder, "bin"));
  for (const file of ["fleet.ts", "bin/synth.cjs"]) writeFileSync(join(folder, file), "");
  server = await startHttps();
  writeFileSync(join(folder, "certificate.pem"), server.certificate);
  whole = await writeArchive(chartFiles("whole", "1.0.0", [{ name: "whole/crds/one.yaml", content: crd("ones.example.org") }]));
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const packages = (...parts: readonly string[]) => join(folder, "vendor", "charts", ...parts);
const derived = { way: "derived", names: ["ones.example.org"] };
const wholeChart = () => ({ name: "whole", version: "1.0.0", sha256: sha256(whole) });

/** Runs the command as a person would, with the certificate as an own authority of the machine. */
const charts = (...args: readonly string[]) =>
  drydock(ROOT, ["charts", ...args], { cwd: folder, env: { NODE_EXTRA_CA_CERTS: join(folder, "certificate.pem") } });
const results = async (...args: readonly string[]) => {
  const { stdout, stderr, exitCode } = await charts(...args, "--json");
  expect(stderr).toBe("");
  const list = JSON.parse(stdout) as { chart: string; status?: string; reason?: string; problem?: string }[];
  return { exitCode, of: Object.fromEntries(list.map(({ chart, ...rest }) => [chart, rest])) };
};

/** Serves packages, and locks each with the digest of what is served. */
function serve(served: Readonly<Record<string, Buffer>>, more: Readonly<Record<string, object>> = {}): void {
  const entries = Object.entries(served).map(([name, bytes]) => {
    server.answers[`/${name}.tgz`] = (_, response) => response.writeHead(302, { location: `/there/${name}.tgz` }).end();
    server.answers[`/there/${name}.tgz`] = bytes;
    return [name, { url: `https://${server.address}/${name}.tgz`, sha256: sha256(bytes), ...more[name] }];
  });
  writeFileSync(join(folder, LOCK_FILE), lockOf(Object.fromEntries(entries) as Record<string, object>));
}

/** Packages with something wrong in each, all with the digest that the lock has. */
async function hostile(): Promise<Record<string, Buffer>> {
  return {
    garbage: Buffer.from("<html>"),
    half: whole.subarray(0, 80),
    longer: Buffer.concat([whole, Buffer.from("x")]),
    bomb: gzipSync(Buffer.alloc(400 * 1024 * 1024)),
    list: await writeArchive([{ name: "list/Chart.yaml", content: "- a\n" }]),
    broken: await writeArchive([{ name: "broken/Chart.yaml", content: "name: [\n" }]),
    without: await writeArchive([{ name: "without/values.yaml", content: "" }]),
    upwards: await writeArchive([{ name: "upwards/../../x", content: "" }]),
    lacking: await writeArchive(chartFiles("lacking", "1.0.0")),
    other: await writeArchive(chartFiles("whole", "1.0.0")),
  };
}

describe("drydock charts", () => {
  it("pull says what is wrong with each chart, where and why; the others still come, and nothing has a stack trace", async () => {
    const bad = await hostile();
    serve({ ...bad, whole }, { whole: { crds: derived }, lacking: { crds: derived } });
    const { exitCode, of } = await results("pull");
    expect(exitCode).toBe(1);
    expect(of["whole"]).toMatchObject({ status: "pulled" });
    for (const name of Object.keys(bad)) {
      expect(of[name], name).toMatchObject({ status: "failed" });
      expect(of[name]?.reason, name).toContain(`https://${server.address}/${name}.tgz`);
      expect(of[name]?.reason, name).not.toMatch(/\n|\bat .*:\d+:\d+|TypeError|undefined/);
    }
    expect(of["lacking"]?.reason).toContain("has no definition of ones.example.org");
    expect(of["list"]?.reason).toContain("no single mapping with a name and a version");
    expect(readdirSync(packages()).sort()).toEqual([crdsPackageName(wholeChart()), packageName(wholeChart())].sort());
  });

  it("verify says what is wrong with each package, and hides none", async () => {
    const bad = await hostile();
    serve({ ...bad, whole }, { whole: { crds: derived }, lacking: { crds: derived }, longer: { crds: derived } });
    mkdirSync(packages(), { recursive: true });
    for (const [name, bytes] of Object.entries(bad))
      writeFileSync(packages(packageName({ name, version: "1.0.0", sha256: sha256(bytes) })), bytes);
    const { exitCode, of } = await results("verify");
    expect(exitCode).toBe(1);
    expect(Object.keys(of)).toEqual(expect.arrayContaining([...Object.keys(bad), "whole", "whole-crds", "longer-crds"]));
    expect(of["whole"]?.problem).toContain("is missing");
    for (const name of ["garbage", "half", "longer", "bomb", "list", "broken", "without", "upwards", "other"])
      expect(of[name]?.problem, name).toMatch(/^cannot be used: the package/);
    await charts("pull");
    expect((await results("verify")).of["whole"]).toMatchObject({ problem: "" });
    expect((await results("verify")).of["whole-crds"]).toMatchObject({ problem: "" });
    const { stdout } = await charts("verify");
    expect(stdout).not.toMatch(/\bat .*:\d+:\d+|TypeError/);
  });

  it("pull brings back packages and derived packages that were changed, whatever lies in their place", async () => {
    serve({ whole }, { whole: { crds: derived } });
    const options = { lockFile: join(folder, LOCK_FILE), folder: packages(), parallel: 1, today: "2026-01-01", fetch: server.fetch };
    const isWhole = async () => (await verifyCharts(options.lockFile, options.folder)).every(({ problem }) => problem === "");
    await pullCharts(options);
    const [own, crds] = [packages(packageName(wholeChart())), packages(crdsPackageName(wholeChart()))];
    const first = readFileSync(crds);
    writeFileSync(join(folder, "victim"), "untouched");
    for (const spoil of [
      () => {
        writeFileSync(own, "changed");
      },
      () => {
        writeFileSync(crds, "changed");
      },
      () => {
        rmSync(crds);
      },
      () => {
        truncateSync(own, 33 * 1024 * 1024);
      },
      () => {
        rmSync(crds);
        symlinkSync(join(folder, "victim"), crds);
      },
      () => {
        rmSync(own);
        symlinkSync("/dev/zero", own);
      },
    ]) {
      spoil();
      expect(await isWhole()).toBe(false);
      expect(await pullCharts(options)).toMatchObject([{ chart: "whole", file: packageName(wholeChart()) }]);
      expect(readFileSync(own).equals(whole)).toBe(true);
      expect(readFileSync(crds).equals(first)).toBe(true);
      expect(await isWhole()).toBe(true);
    }
    expect(readFileSync(join(folder, "victim"), "utf8")).toBe("untouched");
    expect(readdirSync(packages()).filter((file) => file.endsWith(".tmp"))).toEqual([]);
  });

  it("with --recorded-only asks nobody for a chart without a digest, fails, and leaves the lock as it is", async () => {
    const unknown = await writeArchive(chartFiles("unknown", "1.0.0"));
    serve({ whole, unknown }, { unknown: { sha256: null } });
    const lock = readFileSync(join(folder, LOCK_FILE));
    const pulled = await results("pull", "--recorded-only");
    expect(pulled.exitCode).toBe(1);
    expect(pulled.of["whole"]).toMatchObject({ status: "pulled" });
    const sentence = "has no recorded digest; run npx drydock charts pull on a workstation, review the lock and commit it";
    expect(pulled.of["unknown"]).toEqual({ status: "failed", reason: sentence });
    expect(server.requests.filter(({ path }) => path.includes("unknown"))).toEqual([]);
    expect(readFileSync(join(folder, LOCK_FILE)).equals(lock)).toBe(true);
    const verified = await results("verify", "--recorded-only");
    expect([verified.exitCode, verified.of["unknown"]?.problem, verified.of["whole"]?.problem]).toEqual([1, sentence, ""]);

    expect((await results("pull")).of["unknown"]).toMatchObject({ status: "recorded" });
    expect((await results("pull", "--recorded-only")).exitCode).toBe(0);
    expect((await results("verify", "--recorded-only")).exitCode).toBe(0);
  });

  it.each([
    ["no JSON", "{"],
    ["not there", undefined],
    ["one with a chart twice", `{"charts": {"a": 1, "a": 1}}`],
    ["one that leads upwards", lockOf({ "../../evil": {} })],
  ])("exits 2 with a sentence when the lock is %s", async (_, text) => {
    if (text !== undefined) writeFileSync(join(folder, LOCK_FILE), text);
    for (const command of ["pull", "verify"]) {
      const { exitCode, stderr, stdout } = await charts(command);
      expect([exitCode, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(`${LOCK_FILE} cannot be read`);
      expect(stderr).not.toMatch(/\bat .*:\d+:\d+|TypeError/);
    }
    expect(existsSync(packages())).toBe(false);
  });

  it("says so when its folder cannot be made", async () => {
    serve({ whole });
    writeFileSync(join(folder, "vendor"), "");
    const { exitCode, stderr } = await charts("pull");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^The folder .* for packages cannot be made/);
  });
});

describe("a package whose chart has no digest yet", () => {
  it("is not run through the derivation in a job that wants recorded ones alone", async () => {
    serve({ whole }, { whole: { sha256: null, crds: derived } });
    const lockFile = join(folder, LOCK_FILE);
    expect(await verifyCharts(lockFile, packages(), { recordedOnly: true })).toHaveLength(1);
    const options = { lockFile, folder: packages(), parallel: 1, today: "2026-01-01", fetch: server.fetch, recordedOnly: true };
    expect(await pullCharts(options)).toMatchObject([{ status: "failed" }]);
    expect(readdirSync(packages())).toEqual([]);
  });
});
