import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readArchive } from "../charts/archive";
import { deriveKeyTree } from "../charts/key-tree";
import { readLock } from "../charts/lock";
import { chartsOf, LOCK_FILE, PACKAGE_FOLDER, packageName } from "../config/chart-lock";
import type { KeyTree } from "../config/key-tree";

// Writes facts/charts/: which values each locked chart knows. Run it after a chart's version changed and its package is there.
const root = process.cwd();
const [folder = join(root, PACKAGE_FOLDER)] = process.argv.slice(2);

async function derive(): Promise<void> {
  mkdirSync(join(root, "facts", "charts"), { recursive: true });
  for (const chart of chartsOf(readLock(join(root, LOCK_FILE)))) {
    const { name, version } = chart;
    const file = packageName(chart);
    if (!existsSync(join(folder, file))) throw new Error(`${folder} has no package ${file}; run npx drydock charts pull`);
    const keys = deriveKeyTree(await readArchive(readFileSync(join(folder, file))), name);
    const facts = {
      $schema: "../schema/chart-keys.schema.json",
      chart: name,
      version,
      date: new Date().toISOString().slice(0, 10),
      source: `default values, values schema and templates of ${name} ${version}, subcharts included`,
      keys,
    };
    writeFileSync(join(root, "facts", "charts", `${name}.json`), `${JSON.stringify(facts, null, 1)}\n`);
    const [all, untyped] = countLeaves(keys);
    process.stdout.write(`${name} ${version}: ${all} values, ${untyped} of them untyped\n`);
  }
}

/** How many values a tree has, and how many of them are of no known type. */
function countLeaves(node: KeyTree | string): readonly [all: number, untyped: number] {
  if (typeof node === "string") return [1, node === "any" ? 1 : 0];
  return Object.values(node)
    .map(countLeaves)
    .reduce(([all, untyped], [a, b]) => [all + a, untyped + b], [0, 0]);
}

void derive();
