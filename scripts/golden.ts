import { cpSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { synthesize } from "../terraform/synthesize";

// Refreshes __tests__/golden/ from the example fleet. Read the difference in review: it is what users would apply.
const root = process.cwd();
const golden = join(root, "__tests__", "golden");
const outdir = join(root, "cdktf.out");

async function refresh(): Promise<void> {
  rmSync(outdir, { recursive: true, force: true });
  await synthesize({ root, outdir });
  rmSync(golden, { recursive: true, force: true });
  for (const stack of readdirSync(join(outdir, "stacks")))
    cpSync(join(outdir, "stacks", stack, "cdk.tf.json"), join(golden, `${stack}.tf.json`));
  process.stdout.write(`Wrote ${readdirSync(golden).length} programs to __tests__/golden/\n`);
}

void refresh();
