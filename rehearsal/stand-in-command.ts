import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { OVERRIDES_VARIABLE } from "../config/overrides";
import { CommandError } from "../config/command-error";
import { keepProgram } from "../terraform/kept-program";
import { readProgram } from "../terraform/program";
import { readState } from "../terraform/state";
import { realTerraform } from "../terraform/terraform-binary";
import { runningFolder } from "./recover";
import type { StandIn } from "./stand-in";

/**
 * Runs any command with the stand-in in AWS's place. It runs in the stand-in's folder, where a `cdktf.json` leads to
 * the checkout's own program: so `npx cdktf deploy` and its siblings work unchanged, and never see an output folder or
 * a backend that something real was initialized with.
 *
 * @returns the command's exit code
 */
export async function runUnderStandIn(root: string, standIn: StandIn, command: readonly string[]): Promise<number> {
  const { folder, stateFolder, env } = standIn;
  writeFileSync(
    join(folder, "cdktf.json"),
    `${JSON.stringify({ language: "typescript", app: `"${process.execPath}" "${join(root, "bin", "synth.cjs")}"`, projectId: "drydock-stand-in", sendCrashReports: "false" }, null, 2)}\n`,
  );
  const shims = await writeShim(root, standIn);
  const [program = "", ...args] = command;
  const child = execa(program, args, {
    cwd: folder,
    stdio: "inherit",
    reject: false,
    preferLocal: true,
    localDir: root,
    env: {
      ...env,
      // Only the shim hands the providers on, after it has looked at what Terraform is about to do.
      TF_REATTACH_PROVIDERS: undefined,
      PATH: `${shims}${delimiter}${process.env["PATH"] ?? ""}`,
      [OVERRIDES_VARIABLE]: JSON.stringify({ localState: stateFolder }),
      CHECKPOINT_DISABLE: "1",
      DISABLE_VERSION_CHECK: "1",
    },
  });
  // A Ctrl-C on the terminal reaches the command by itself; this process stays to answer Terraform and to save the world.
  const stay = (): void => undefined;
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  process.on("SIGINT", stay).on("SIGTERM", forward);
  const result = await child;
  process.off("SIGINT", stay).off("SIGTERM", forward);
  if (result.exitCode === undefined && result.signal === undefined) throw new CommandError(`${program}: command not found`, 127);
  keepWhatStands(folder, stateFolder);
  return result.exitCode ?? 1;
}

/** A `terraform` on PATH that looks where it is before the real one runs. */
async function writeShim(root: string, { folder, stateFolder, env }: StandIn): Promise<string> {
  const reattach = env["TF_REATTACH_PROVIDERS"] ?? "";
  const shims = join(folder, "bin");
  mkdirSync(shims, { recursive: true });
  const shim = join(shims, "terraform");
  const guard = `"${process.execPath}" "${join(root, "bin", "terraform-guard.cjs")}" "${stateFolder}" "$@"`;
  // The shell becomes Terraform, so this is Terraform's own process id; see recover.
  const pid = `mkdir -p "${runningFolder(folder)}" && echo $$ > "${runningFolder(folder)}/$(basename "$PWD")"`;
  writeFileSync(
    shim,
    `#!/bin/sh\n${guard} || exit $?\n${pid}\nexport TF_REATTACH_PROVIDERS='${reattach}'\nexec "${await realTerraform()}" "$@"\n`,
  );
  chmodSync(shim, 0o755);
  return shims;
}

/** The command may have applied or destroyed stacks; programs of those that stand are kept beside their state. */
function keepWhatStands(folder: string, stateFolder: string): void {
  const outdir = join(folder, "cdktf.out");
  try {
    for (const stack of readProgram(outdir))
      if ((readState(join(stateFolder, `${stack.name}.tfstate`))?.resources.length ?? 0) > 0) keepProgram(stateFolder, stack);
  } catch {
    // The command synthesized nothing.
  }
}
