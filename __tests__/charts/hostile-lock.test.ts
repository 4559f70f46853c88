import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Ajv from "ajv/dist/2020";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeArchive } from "../../charts/archive";
import { readLock, unrecordedCharts } from "../../charts/lock";
import { pullCharts } from "../../charts/pull";
import { crdsPackageName, lockSchema, packageName } from "../../config/chart-lock";
import { CommandError } from "../../config/command-error";
import { parseStrictJson } from "../../config/strict-json";
import { ROOT } from "../support/checkout";
import { startHttps, type HttpsServer } from "./https-server";
import { chartFiles, ENTRY, lockOf, sha256 } from "./locks";

let folder = "";
let server: HttpsServer;
const file = () => join(folder, "lock.json");
const packages = () => join(folder, "vendor", "charts");

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "drydock-lock-"));
  server = await startHttps();
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** What reading a lock says, or "" when it is read. */
function refusal(text: string | Buffer): string {
  writeFileSync(file(), text);
  try {
    readLock(file());
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(CommandError);
    expect(error).toMatchObject({ exitCode: 2 });
    return error instanceof Error ? error.message : "";
  }
}

const HOSTILE_NAMES = [
  "..",
  ".",
  "../../evil",
  "/etc/evil",
  "a/b",
  "a\\b",
  "-rf",
  ".hidden",
  "a b",
  "a\nb",
  "",
  "x".repeat(129),
  "a\u0000",
];
const HOSTILE_VERSIONS = [
  "1.0.0/../../../evil",
  "1.0.0\n",
  "1.0",
  "01.0.0",
  "../1.0.0",
  "1.0.0-",
  "1.0.0 ",
  "v",
  `1.0.0-${"x".repeat(64)}`,
];

describe("a lock that would lead out of the folder of packages", () => {
  it.each(HOSTILE_NAMES)("is refused with the name %j", (name) => {
    expect(refusal(lockOf({ [name]: {} }))).toContain("is no name of a chart");
  });

  it.each(HOSTILE_VERSIONS)("is refused with the version %j", (version) => {
    expect(refusal(lockOf({ a: { version } }))).toMatch(/charts\.a\.version/);
  });

  it.each(["../../evil", "a/b.example.org", "nodots", "a..b", "A.example.org", "x.example.org\n"])(
    "is refused with the definition %j",
    (name) => {
      expect(refusal(lockOf({ a: { crds: { way: "derived", names: [name] } } }))).toContain("is no name of a custom resource definition");
    },
  );

  it.each([
    "http://example.org/a.tgz",
    "http://127.0.0.1/a.tgz",
    "https://user:word@example.org/a.tgz",
    "https://user@example.org/a.tgz",
    "file:///etc/passwd",
    "oci://registry/../../evil",
    "oci://user@registry/a",
    "oci://registry",
    "https://example.org/a b.tgz",
    "https://example.org\\@evil.example.org/a.tgz",
    "https://example.org/a.tgz#x",
  ])("is refused with the address %j", (url) => {
    expect(refusal(lockOf({ a: { url } }))).toContain("is no address of a package");
  });

  it("writes and removes nothing outside, whatever name and version it has", async () => {
    const bytes = await writeArchive(chartFiles("a", "1.0.0"));
    server.answers["/a.tgz"] = bytes;
    mkdirSync(packages(), { recursive: true });
    for (const [name, version] of [
      ["../../evil", "1.0.0"],
      ["a", "1.0.0/../../../evil"],
      [".*", "1.0.0"],
    ] as const) {
      writeFileSync(file(), lockOf({ [name]: { version, url: `https://${server.address}/a.tgz`, sha256: sha256(bytes) } }));
      const options = { lockFile: file(), folder: packages(), parallel: 1, today: "2026-01-01", fetch: server.fetch };
      await expect(pullCharts(options)).rejects.toBeInstanceOf(CommandError);
    }
    expect(server.requests).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(["lock.json", "vendor"]);
    expect(readdirSync(packages())).toEqual([]);
  });
});

describe("the name of a package", () => {
  it.each([
    { name: "../a", version: "1.0.0", sha256: null },
    { name: "a", version: "1.0.0/../..", sha256: null },
    { name: "a", version: "1.0.0", sha256: "../../../../evil" },
  ])("is never made of %j, also without a lock's check", (chart) => {
    expect(() => packageName(chart)).toThrow("correct the lock");
    expect(() => crdsPackageName(chart)).toThrow("correct the lock");
  });

  it.each([
    ["the derived package of another", { a: { crds: { way: "derived", names: [] } }, "a-crds": {} }],
    ["the derived package of another, in another version", { "a-crds": { version: "2.0.0" }, a: { crds: { way: "derived", names: [] } } }],
    ["another's name and version together", { a: { version: "1.0.0-1.0.0" }, "a-1.0.0": {} }],
    ["another's in capitals", { a: {}, A: {} }],
  ])("is no chart's that is %s", (_, charts) => {
    expect(refusal(lockOf(charts))).toContain("shares the name of a package with");
  });

  it("may be like another's where nothing is derived, and both stay", async () => {
    const [own, other] = [await writeArchive(chartFiles("a", "1.0.0")), await writeArchive(chartFiles("a-crds", "1.0.0"))];
    Object.assign(server.answers, { "/a.tgz": own, "/a-crds.tgz": other });
    const entry = (name: string, bytes: Buffer) => ({ [name]: { url: `https://${server.address}/${name}.tgz`, sha256: sha256(bytes) } });
    writeFileSync(file(), lockOf({ ...entry("a-crds", other), ...entry("a", own) }));
    const options = { lockFile: file(), folder: packages(), parallel: 1, today: "2026-01-01", fetch: server.fetch };
    expect((await pullCharts(options)).map(({ status }) => status)).toEqual(["pulled", "pulled"]);
    expect(readdirSync(packages())).toHaveLength(2);
  });

  it("is no pattern: a dot in a chart's name removes no other chart's package", async () => {
    const bytes = await writeArchive(chartFiles("a.b", "1.0.0"));
    server.answers["/a.tgz"] = bytes;
    mkdirSync(packages(), { recursive: true });
    writeFileSync(join(packages(), "axb-1.0.0-unrecorded.tgz"), "another chart");
    writeFileSync(file(), lockOf({ "a.b": { url: `https://${server.address}/a.tgz` } }));
    await pullCharts({ lockFile: file(), folder: packages(), parallel: 1, today: "2026-01-01", fetch: server.fetch });
    expect(readdirSync(packages())).toContain("axb-1.0.0-unrecorded.tgz");
  });
});

describe("a lock", () => {
  const entry = JSON.stringify(ENTRY);
  const whole = (charts: string) => `{"$schema": "x", "date": "2026-01-01", "source": "test", "charts": ${charts}}`;

  it.each([
    ["no JSON", "{", /JSON/],
    ["of another shape", "[]", /not of the form/],
    ["with a chart that is none", whole(`{"a": 1}`), /charts\.a/],
    ["with two entries of one chart", whole(`{"a": ${entry}, "a": ${entry}}`), /it has charts\.a twice/],
    ["with two entries of one chart, one of them escaped", whole(`{"a": ${entry}, "\\u0061": ${entry}}`), /it has charts\.a twice/],
    [
      "with two digests of one chart",
      whole(`{"a": ${entry.replace('"sha256":null', `"sha256":null,"sha256":"${"0".repeat(64)}"`)}}`),
      /charts\.a\.sha256 twice/,
    ],
    ["with two lists of charts", whole(`{}, "charts": {}`), /it has charts twice/],
    ["with a chart that objects take for their prototype", whole(`{"__proto__": ${entry}}`), /__proto__/],
    ["nested without an end", `${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`, /nested too deeply|not of the form/],
    ["larger than four MiB", `${whole(`{"a": ${entry}}`)}${" ".repeat(4 * 1024 * 1024)}`, /larger than 4 MiB/],
    ["of bytes that are no text", Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), /encoded data was not valid/],
  ])("%s is refused with a sentence", (_, text, words) => {
    const message = refusal(text);
    expect(message).toMatch(words);
    expect(message).toContain(file());
    expect(message.length).toBeLessThan(3000);
  });

  it("that is a folder or is not there is refused", () => {
    for (const path of [folder, join(folder, "none.json"), "/dev/zero"]) expect(() => readLock(path)).toThrow(CommandError);
  });

  it("may begin with a byte order mark", () => {
    expect(refusal(`\uFEFF${lockOf({ a: {} })}`)).toBe("");
    expect(parseStrictJson(`\uFEFF{"a": [1]}`)).toEqual({ a: [1] });
  });

  it("names the charts whose digest nobody recorded", () => {
    writeFileSync(file(), lockOf({ a: { sha256: "0".repeat(64) }, b: {} }));
    expect(unrecordedCharts(file())).toEqual(["b"]);
  });

  it("steers no terminal with what is wrong in it", () => {
    expect(refusal(lockOf({ "a\u001b[2J\n::error::": {} }))).not.toMatch(/\p{Cc}(?<!\n)|\n::/u);
    expect(refusal("\u001b[2J")).not.toContain("\u001b");
  });

  it("is recorded without following a link that lies in the way", async () => {
    server.answers["/a.tgz"] = await writeArchive(chartFiles("a", "1.0.0"));
    writeFileSync(join(folder, "victim"), "untouched");
    for (const name of ["lock.json.tmp", `lock.json.${process.pid}.tmp`]) symlinkSync(join(folder, "victim"), join(folder, name));
    writeFileSync(file(), lockOf({ a: { url: `https://${server.address}/a.tgz` } }));
    const options = { lockFile: file(), folder: packages(), parallel: 1, today: "2026-01-01", fetch: server.fetch };
    expect(await pullCharts(options)).toMatchObject([{ status: "recorded" }]);
    expect(readFileSync(join(folder, "victim"), "utf8")).toBe("untouched");
    expect(unrecordedCharts(file())).toEqual([]);
    expect(existsSync(join(folder, "victim"))).toBe(true);
  });
});

describe("both schemas of the lock", () => {
  const validate = addFormats(new Ajv({ allowUnionTypes: true })).compile(
    JSON.parse(readFileSync(join(ROOT, "facts", "schema", "charts-lock.schema.json"), "utf8")) as object,
  );

  it("accept and refuse the same names, versions, addresses, digests and definitions", () => {
    const letters = ["a", "A", "0", "1", ".", "-", "_", "/", "v", "+", "\n", "@", ":", "..", "1.0.0", "https://", "oci://"];
    const made = fc.array(fc.constantFrom(...letters), { maxLength: 8 }).map((parts) => parts.join(""));
    const part = (valid: readonly string[], hostile: readonly string[] = ["../x"]) =>
      fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...valid) }, { weight: 1, arbitrary: fc.oneof(fc.constantFrom(...hostile), made) });
    let [accepted, refused] = [0, 0];
    fc.assert(
      fc.property(
        part(["a", "a-b"], HOSTILE_NAMES),
        part(["1.0.0", "v1.2.3-rc.1+x"], HOSTILE_VERSIONS),
        part(["https://example.org/a.tgz", "oci://example.org/a/b"], ["http://example.org/a"]),
        part(["0".repeat(64)]),
        fc.array(part(["ones.example.org", "twos.example.org"]), { maxLength: 2 }),
        (name, version, url, digest, names) => {
          const lock = JSON.parse(lockOf({ [name]: { version, url, sha256: digest, crds: { way: "skipped", names } } })) as unknown;
          const valid = lockSchema.safeParse(lock).success;
          if (valid) accepted++;
          else refused++;
          expect(validate(lock)).toBe(valid);
        },
      ),
      { numRuns: 3000 },
    );
    // A property that never sees one side shows nothing.
    expect(accepted).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(100);
  });

  it("never let a name through that leads out of a folder", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (name, version) => {
        const chart = { name, version, sha256: null };
        try {
          expect(packageName(chart)).not.toMatch(/[/\\]|^\./);
        } catch (error) {
          expect(String(error)).toContain("correct the lock");
        }
      }),
    );
  });
});
