import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { synthesize } from "../terraform/synthesize";
import { goldenValues } from "./golden-values";

// Refreshes __tests__/golden/ from the example fleet. Read the difference in review: it is what users would apply.
const root = process.cwd();
const golden = join(root, "__tests__", "golden");
const outdir = join(root, "cdktf.out");

async function refresh(): Promise<void> {
  rmSync(outdir, { recursive: true, force: true });
  await synthesize({ root, outdir });
  rmSync(golden, { recursive: true, force: true });
  const stacks = readdirSync(join(outdir, "stacks"));
  for (const stack of stacks) cpSync(join(outdir, "stacks", stack, "cdk.tf.json"), join(golden, `${stack}.tf.json`));
  const releases = Object.entries(goldenValues(root));
  mkdirSync(join(golden, "values"));
  for (const [name, release] of releases) writeFileSync(join(golden, "values", `${name}.json`), `${JSON.stringify(release, null, 2)}\n`);
  process.stdout.write(`Wrote ${stacks.length} programs and the values of ${releases.length} releases to __tests__/golden/\n`);
}

void refresh();
