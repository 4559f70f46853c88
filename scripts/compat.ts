import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { execa } from "execa";

// Synthesizes with cdktf and with its fork cdktn and compares the programs: cdktf is archived, so the way out is kept open.
const root = process.cwd();

async function programs(preload: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const outdir = mkdtempSync(join(tmpdir(), "drydock-compat-"));
  try {
    await execa(process.execPath, [...preload, join(root, "bin", "synth.cjs")], { cwd: root, env: { CDKTF_OUTDIR: outdir } });
    return Object.fromEntries(
      readdirSync(join(outdir, "stacks")).map((stack) => [
        stack,
        normalized(readFileSync(join(outdir, "stacks", stack, "cdk.tf.json"), "utf8"), outdir),
      ]),
    );
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** The library writes its own version and the output folder's place into a program; everything else must be equal. */
function normalized(text: string, outdir: string): unknown {
  const program = JSON.parse(text.replaceAll(outdir, "")) as { "//"?: { metadata?: { version?: string } } };
  if (program["//"]?.metadata) program["//"].metadata.version = "";
  return program;
}

async function compare(): Promise<void> {
  const [original, fork] = await Promise.all([programs([]), programs(["--require", join(root, "scripts", "as-cdktn.cjs")])]);
  const stacks = [...new Set([...Object.keys(original), ...Object.keys(fork)])];
  const different = stacks.filter((stack) => !isDeepStrictEqual(original[stack], fork[stack]));
  if (different.length > 0) {
    process.stderr.write(`cdktf and cdktn disagree about ${different.join(", ")}.\n`);
    process.exitCode = 1;
    return;
  }
  process.stdout.write(`cdktf and cdktn give the same ${stacks.length} programs.\n`);
}

void compare();
