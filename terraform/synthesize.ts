import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { OVERRIDES_VARIABLE, type Overrides } from "../config/overrides";
import { CommandError } from "../config/command-error";

/** Where and how to synthesize. */
export interface SynthesisRequest {
  /** Checkout that holds `main.ts` and `fleet.ts`. */
  readonly root: string;
  /** Folder to write to; made when missing. */
  readonly outdir: string;
  /**
   * What differs from the user's own synthesis.
   * @default nothing
   */
  readonly overrides?: Overrides;
}

/**
 * Runs the program of a checkout in a process of its own, without credentials: `fleet.ts` is code.
 * @throws {CommandError} with the program's own words when the fleet has problems
 */
export async function synthesize({ root, outdir, overrides }: SynthesisRequest): Promise<void> {
  mkdirSync(dirname(outdir), { recursive: true });
  const { HOME, PATH, NO_COLOR, NODE_OPTIONS } = process.env;
  const result = await execa(process.execPath, [join(root, "bin", "synth.cjs")], {
    cwd: root,
    env: {
      HOME,
      PATH,
      NO_COLOR,
      NODE_OPTIONS,
      CDKTF_OUTDIR: outdir,
      ...(overrides === undefined ? {} : { [OVERRIDES_VARIABLE]: JSON.stringify(overrides) }),
    },
    extendEnv: false,
    reject: false,
    stdin: "ignore",
  });
  if (result.exitCode !== 0) throw new CommandError(result.stderr, result.exitCode === 2 ? 2 : 1);
}
