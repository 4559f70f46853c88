import { gzipSync } from "node:zlib";
import { pack, type Header } from "tar-stream";
import { describe, expect, it } from "vitest";
import { readArchive, writeArchive } from "../../charts/archive";
import { checkIdentity, deriveCrdsPackage } from "../../charts/derive-crds";
import type { LockedChart } from "../../config/chart-lock";
import { chartFiles, crd, ENTRY } from "./locks";

const MIB = 1024 * 1024;

interface Entry extends Partial<Omit<Header, "pax">> {
  readonly name: string;
  readonly content?: string | Buffer;
  readonly pax?: Readonly<Record<string, string>>;
}

/** A tar with entries that nothing checks. */
async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const tar = pack();
  for (const { content, ...header } of entries) {
    if (content === undefined) tar.entry(header);
    else tar.entry(header, content);
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const CHART: Entry = { name: "a/Chart.yaml", content: "name: a\nversion: 1.0.0\n" };
const zipped = async (...entries: readonly Entry[]): Promise<Buffer> => gzipSync(await tarOf([CHART, ...entries]));

/** Writes a header's checksum anew after it was changed. */
function rechecked(tar: Buffer, at: number): Buffer {
  tar.fill(" ", at + 148, at + 156);
  const sum = tar.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, at + 148, "latin1");
  return tar;
}

/** The tar of one chart whose first entry says that it has another size. */
async function lying(size: string): Promise<Buffer> {
  const tar = await tarOf([CHART, { name: "a/values.yaml", content: "x: 1\n" }]);
  tar.write(size.padEnd(12, "\0"), 124, "latin1");
  return gzipSync(rechecked(tar, 0));
}

async function refusal(bytes: Buffer): Promise<string> {
  const result = await readArchive(bytes).catch((error: unknown) => error);
  if (!(result instanceof Error)) return "";
  expect(result.message).toMatch(/^the package /);
  expect(result.message.length).toBeLessThan(700);
  return result.message;
}

describe("a package", () => {
  it("of a chart with subcharts is read, each with a Chart.yaml of its own", async () => {
    const files = await readArchive(
      await zipped(
        { name: "a/charts/b/Chart.yaml", content: "name: b\n" },
        { name: "a/charts/b/charts/c/Chart.yaml", content: "name: c\n" },
        { name: "a/templates", type: "directory" },
        { name: "a/templates/x.yaml", content: "x" },
        { name: `a/${"d/".repeat(20)}${"long".repeat(40)}.yaml`, content: "y" },
      ),
    );
    expect(files.map(({ name }) => name).slice(0, 4)).toEqual([
      "a/Chart.yaml",
      "a/charts/b/Chart.yaml",
      "a/charts/b/charts/c/Chart.yaml",
      "a/templates/x.yaml",
    ]);
    expect(files).toHaveLength(5);
  });

  it.each<[string, () => Buffer | Promise<Buffer>, RegExp]>([
    ["is no gzip", () => Buffer.from("<html>"), /is no whole package: incorrect header check/],
    ["is empty", () => Buffer.alloc(0), /is no whole package|more than one gzip/],
    ["ends early", async () => (await zipped()).subarray(0, 60), /is no whole package: unexpected end of file/],
    [
      "has one byte more",
      async () => Buffer.concat([await zipped(), Buffer.from("x")]),
      /is no whole package: (incorrect header|unexpected end)/,
    ],
    ["has a zero more", async () => Buffer.concat([await zipped(), Buffer.alloc(1)]), /more than one gzip file/],
    [
      "has a zero more and what looks like its size",
      async () => {
        const size = Buffer.alloc(4);
        size.writeUInt32LE((await tarOf([CHART])).length);
        return Buffer.concat([await zipped(), Buffer.alloc(1), size]);
      },
      /more than one gzip file/,
    ],
    [
      "is two gzip files",
      async () => Buffer.concat([await zipped(), await zipped({ name: "a/x", content: "x" })]),
      /more than one gzip file/,
    ],
    [
      "is a tar cut into two gzip files",
      async () => {
        const tar = await tarOf([CHART, { name: "a/x", content: "x" }]);
        return Buffer.concat([gzipSync(tar.subarray(0, 512)), gzipSync(tar.subarray(512))]);
      },
      /more than one gzip file/,
    ],
    ["is a zipped text", () => gzipSync("x".repeat(5000)), /is no whole package: Invalid tar header/],
    ["is a tar that ends early", async () => gzipSync((await tarOf([CHART])).subarray(0, 520)), /is no whole package: Unexpected end/],
    ["unpacks to 65 MiB", () => gzipSync(Buffer.alloc(65 * MIB)), /unpacks to more than 64 MiB/],
    [
      "is a bomb in many gzip files",
      () => Buffer.concat(Array.from({ length: 70 }, () => gzipSync(Buffer.alloc(MIB)))),
      /more than 64 MiB/,
    ],
    ["has more entries than a chart has", async () => gzipSync(await tarOf([CHART, ...many(10_000)])), /more than 10000 entries/],
    ["has a file that Helm does not load", () => zipped({ name: "a/x", content: Buffer.alloc(5 * MIB + 1) }), /more than 5 MiB/],
    ["has an entry that says it is larger than all", () => lying("77777777777"), /more than 5 MiB|Unexpected end/],
    ["has an entry that says it is larger than it is", () => lying("00000010000"), /is no whole package/],
    ["has an entry that says it is smaller than it is", () => lying("00000000000"), /is no whole package/],
    ["has an entry of a negative size", () => lying("\u00ff".repeat(12)), /is no whole package/],
    [
      "has a size in the extended header",
      () => zipped({ name: "a/x", content: "x", pax: { size: "99999999999" } }),
      /more than 5 MiB|Unexpected/,
    ],
    [
      "has a giant extended header",
      () => zipped({ name: "a/x", content: "x", pax: { comment: "x".repeat(MIB) } }),
      /extended header of more than 8 KiB/,
    ],
    [
      "has a larger one still",
      () => zipped({ name: "a/x", content: "x", pax: { comment: "x".repeat(5 * MIB) } }),
      /Header exceeds max size/,
    ],
    ["has a sparse file", () => zipped({ name: "a/x", content: "x", pax: { "GNU.sparse.size": "99999999999" } }), /sparse file/],
    ["has a deep path", () => zipped({ name: `a/${"d/".repeat(40)}x`, content: "x" }), /path is longer/],
    ["has a long path", () => zipped({ name: `a/${"d".repeat(2000)}`, content: "x" }), /path is longer/],
    ["has a symbolic link", () => zipped({ name: "a/x", type: "symlink", linkname: "/etc/passwd" }), /is a symlink/],
    ["has a hard link", () => zipped({ name: "a/x", type: "link", linkname: "a/Chart.yaml" }), /is a link/],
    ["has a device", () => zipped({ name: "a/x", type: "block-device" }), /is a block-device/],
    ["has a terminal", () => zipped({ name: "a/x", type: "character-device" }), /is a character-device/],
    ["has a pipe", () => zipped({ name: "a/x", type: "fifo" }), /is a fifo/],
    ["has an absolute path", () => zipped({ name: "/a/x", content: "x" }), /not a plain one/],
    ["leads upwards", () => zipped({ name: "a/../../x", content: "x" }), /not a plain one/],
    ["leads upwards at once", () => zipped({ name: "../x", content: "x" }), /not a plain one/],
    ["leads nowhere", () => zipped({ name: "./a/x", content: "x" }), /not a plain one/],
    ["leads through nothing", () => zipped({ name: "a//x", content: "x" }), /not a plain one/],
    ["leads upwards on Windows", () => zipped({ name: "a\\..\\x", content: "x" }), /not a plain one/],
    ["leads to a drive", () => zipped({ name: "a/C:/x", content: "x" }), /not a plain one/],
    ["steers a terminal", () => zipped({ name: "a/\u001b[2J\nx", content: "x" }), /a\/\?\[2J\?x, whose path is not a plain one/],
    ["has a file outside of its folder", () => zipped({ name: "a", content: "x" }), /outside of its folder/],
    ["has two folders on top", () => zipped({ name: "b/Chart.yaml", content: "name: b\n" }), /more than one folder on top: a and b/],
    ["has two entries of one name", () => zipped({ name: "a/Chart.yaml", content: "name: b\n" }), /two entries named a\/Chart.yaml/],
    [
      "has a file and a folder of one name",
      () => zipped({ name: "a/x", content: "x" }, { name: "a/x", type: "directory" }),
      /two entries named a\/x/,
    ],
    [
      "has content after its end",
      async () => gzipSync(Buffer.concat([await tarOf([CHART]), await tarOf([{ name: "a/x", content: "x" }])])),
      /content after its end/,
    ],
    [
      "has half an entry after its end",
      async () =>
        gzipSync(
          Buffer.concat([await tarOf([CHART]), (await tarOf([{ name: "a/x", content: "", pax: { comment: "x" } }])).subarray(0, 1024)]),
        ),
      /content after its end/,
    ],
    [
      "has only content after its end",
      async () => gzipSync(Buffer.concat([Buffer.alloc(1024), await tarOf([CHART])])),
      /content after its end/,
    ],
  ])("that %s is refused with a sentence", async (_, make, words) => {
    const bytes = await make();
    expect(await refusal(bytes)).toMatch(words);
  });

  it("is written so that it is read", async () => {
    const files = chartFiles("a", "1.0.0", [{ name: "a/crds/x.yaml", content: "ü" }]);
    expect(await readArchive(await writeArchive(files))).toEqual(files);
  });
});

function many(count: number): Entry[] {
  return Array.from({ length: count }, (_, index) => ({ name: `a/${index}`, content: "" }));
}

/** Ten names of ten names of ten names: a few lines that stand for ten thousand millions. */
const LAUGHS = [...Array(10).keys()]
  .map(
    (level) =>
      `l${level}: &l${level} [${Array(10)
        .fill(level === 0 ? "ha" : `*l${level - 1}`)
        .join(", ")}]`,
  )
  .join("\n");
const distinct = (count: number, line: (key: string) => string) =>
  Array.from({ length: count }, (_, index) => line(index.toString(36))).join("");

describe("YAML in a package", () => {
  const derived: LockedChart = { ...ENTRY, name: "a", crds: { way: "derived", names: ["ones.example.org"] } };
  const identity = async (content: string) =>
    checkIdentity(derived, await writeArchive([{ name: "a/Chart.yaml", content }])).catch((error: unknown) => (error as Error).message);
  const definitions = async (content: string) =>
    deriveCrdsPackage(derived, await writeArchive(chartFiles("a", "1.0.0", [{ name: "a/crds/x.yaml", content }]))).catch(
      (error: unknown) => (error as Error).message,
    );

  it.each([
    ["a list", "- name: a\n", /no single mapping with a name and a version/],
    ["a word", "a", /no single mapping/],
    ["nothing", "", /no single mapping/],
    ["two documents", "name: a\nversion: 1.0.0\n---\nname: b\nversion: 1.0.0\n", /no single mapping/],
    ["a version that is a number", "name: a\nversion: 1.0\n", /no single mapping/],
    ["no YAML", "name: [", /is no YAML that is accepted/],
    ["two names", "name: a\nversion: 1.0.0\nname: b\n", /the key name twice/],
    ["a name that steers a terminal", 'name: "\\e[2J"\nversion: 1.0.0\n', /holds \?\[2J 1\.0\.0, not a 1\.0\.0/],
    ["a billion laughs", `name: a\nversion: 1.0.0\n${LAUGHS}`, /more than 100 anchors|alias count/],
    ["too much", `name: a\nversion: 1.0.0\n${"#".repeat(65 * 1024)}`, /larger than 64 KiB/],
  ])("that is %s instead of a chart's manifest is refused with a sentence", async (_, content, words) => {
    expect(await identity(content)).toMatch(words);
  });

  it("says which chart a package holds, under which folder", async () => {
    expect(await identity("name: a\nversion: v1.0.0\n")).toBeUndefined();
    expect(await identity("\uFEFFname: a\nversion: 1.0.0\n")).toBeUndefined();
    const elsewhere = await writeArchive([{ name: "b/Chart.yaml", content: "name: a\nversion: 1.0.0\n" }]);
    await expect(checkIdentity(derived, elsewhere)).rejects.toThrow("the folder of b/Chart.yaml, not a");
    await expect(checkIdentity(derived, await writeArchive([{ name: "a/x", content: "" }]))).rejects.toThrow("no Chart.yaml");
  });

  it.each([
    ["a billion laughs", `kind: CustomResourceDefinition\n${LAUGHS}`, /anchors|alias count/],
    ["a reference repeated without end", `a: &a [1]\nb: [${"*a,".repeat(50)}]`, /alias count/],
    ["anchors without end", distinct(50_000, (key) => `- &a${key} 1\n- *a${key}\n`), /more than 100 anchors/],
    ["brackets without end", "[".repeat(MIB), /brackets more than 100 deep/],
    ["closing brackets without end", "}".repeat(MIB), /closes a bracket that it never opened/],
    ["dashes without end", "- ".repeat(2 * MIB), /lexical units|stack|nested/i],
    ["mistakes without end", "- @\n".repeat(MIB), /lexical units/],
    ["empty documents without end", "---\n".repeat(MIB), /lexical units/],
    ["keys without end", distinct(400_000, (key) => `k${key}:\n`), /lexical units/],
    ["a definition without a name", "kind: CustomResourceDefinition\n", /has no definition of ones\.example\.org/],
    ["a definition whose name is a list", "kind: CustomResourceDefinition\nmetadata: {name: [x]}\n", /has no definition of ones/],
    ["a half", `${crd("ones.example.org")}x: [`, /is no YAML that is accepted/],
    ["a definition with a key twice", `${crd("ones.example.org")}kind: x\n`, /the key kind twice/],
  ])("that holds %s instead of definitions is refused with a sentence, in seconds", async (_, content, words) => {
    const start = performance.now();
    expect(await definitions(content)).toMatch(words);
    expect(performance.now() - start).toBeLessThan(15_000);
  });

  it("of many files is bounded as a whole", async () => {
    const content = `[${"[],".repeat(100_000)}]`;
    const crds = Array.from({ length: 20 }, (_, index) => ({ name: `a/crds/${index}.yaml`, content }));
    const start = performance.now();
    await expect(deriveCrdsPackage(derived, await writeArchive(chartFiles("a", "1.0.0", crds)))).rejects.toThrow(
      "the files of this kind have too many lexical units",
    );
    expect(performance.now() - start).toBeLessThan(15_000);
  });

  it("with many keys is read in seconds", async () => {
    const start = performance.now();
    expect(await definitions(distinct(80_000, (key) => `k${key}:\n`))).toContain("has no definition of");
    expect(performance.now() - start).toBeLessThan(15_000);
  });

  it("may use anchors as charts do, and text that looks like them", async () => {
    const text = `${crd("ones.example.org")}words: |\n${"  *a [ } &a\n".repeat(200)}labels: &l {x: y}\nagain: *l\n`;
    expect(await definitions(text)).toBeInstanceOf(Buffer);
    expect(await definitions(`${crd("ones.example.org")}--- |\n}`)).toBeInstanceOf(Buffer);
  });
});
