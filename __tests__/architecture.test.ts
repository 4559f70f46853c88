import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";
import { preProcessFile } from "typescript";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

/** Each folder and the folders it may import from; the design's arrows, transitively. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  facts: [],
  config: ["facts"],
  constructs: ["config", "facts"],
  stacks: ["constructs", "config"],
  aws: ["config"],
  terraform: ["stacks", "config", "facts"],
  charts: ["config", "facts"],
  rehearsal: ["charts", "terraform", "stacks", "config", "facts"],
  preview: ["rehearsal", "aws", "charts", "terraform", "config", "facts"],
  commands: ["preview", "rehearsal", "aws", "charts", "terraform", "stacks", "config", "facts"],
  scripts: ["commands", "preview", "rehearsal", "aws", "charts", "terraform", "stacks", "constructs", "config", "facts"],
};

const sources = Object.keys(ALLOWED).flatMap((folder) => filesIn(folder));
const imports = importGraph();

describe("the house", () => {
  it("has no import cycle", () => {
    expect(findCycle()).toBeUndefined();
  });

  it("has arrows that point one way, types included", () => {
    const wrong = sources.flatMap((from) =>
      namedImports(from)
        .filter((to) => folderOf(to) !== folderOf(from) && to.includes("/") && !(ALLOWED[folderOf(from)] ?? []).includes(folderOf(to)))
        .map((to) => `${from} -> ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  it("is read whole by this test", () => {
    expect(imports.size).toBeGreaterThan(60);
    expect(imports.get("stacks/cluster-stack.ts")).toContain("constructs/cluster/control-plane.ts");
  });
});

function namedImports(file: string): string[] {
  return preProcessFile(readFileSync(join(root, file), "utf8"))
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith("."))
    .map((name) => join(dirname(file), name));
}

function filesIn(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

function importGraph(): Map<string, string[]> {
  const { metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: sources,
    bundle: true,
    write: false,
    metafile: true,
    outdir: "out",
    platform: "node",
    packages: "external",
    logLevel: "error",
  });
  return new Map(
    Object.entries(metafile.inputs).map(([file, input]) => [
      file,
      input.imports.filter(({ external }) => !external).map(({ path }) => path),
    ]),
  );
}

function folderOf(file: string): string {
  return file.split("/")[0] ?? "";
}

function findCycle(): readonly string[] | undefined {
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of imports.get(file) ?? []) {
      const cycle = walk(next, [...path, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const cycle = walk(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}
