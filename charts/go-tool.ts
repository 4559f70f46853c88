import { basename, dirname } from "node:path";
import { execa, type Options } from "execa";
import { CommandError } from "../config/command-error";
import { builtOnce } from "./build-cache";

/** A program that Go builds from a public module. */
export interface GoTool {
  /** Package path, such as `helm.sh/helm/v3/cmd/helm`. */
  readonly module: string;
  /** Exact version, such as `v3.18.5`. */
  readonly version: string;
  /** Name of the program, which is the last part of the package path. */
  readonly binary: string;
}

/** Helm, in the version that the Helm provider's releases are tested with. */
export const HELM: GoTool = { module: "helm.sh/helm/v3/cmd/helm", version: "v3.18.5", binary: "helm" };

/** Go is not on PATH: what needs it can be skipped, the rest works without. */
export class GoMissing extends CommandError {
  constructor(what: string) {
    super(`${what} is built with Go, which is not on PATH. Install Go from https://go.dev/dl/ and try again.`, 2);
    this.name = "GoMissing";
  }
}

/**
 * Path of a Go program at an exact version; built once per user and machine, which takes a minute for Helm.
 * Go checks the module's digest against its public checksum database.
 *
 * @throws {GoMissing} when it is not built yet and Go is not on PATH
 * @throws {CommandError} when the build fails, with what Go says
 */
export async function goTool({ module, version, binary }: GoTool): Promise<string> {
  return builtOnce(`tools/${binary}-${version}-${process.platform}-${process.arch}/${binary}`, async (file) => {
    if (basename(file) !== basename(module))
      throw new CommandError(`Go names the program of ${module} ${basename(module)}, not ${binary}.`, 2);
    await go(`${binary} ${version}`, ["install", `${module}@${version}`], { env: { GOBIN: dirname(file) } });
  });
}

/**
 * Runs Go, without a C compiler.
 * @param what what is being built, for messages
 * @throws {GoMissing} when Go is not on PATH
 * @throws {CommandError} when it fails, with what Go says
 */
export async function go(what: string, args: readonly string[], options: Pick<Options, "cwd" | "env"> = {}): Promise<void> {
  const result = await execa("go", args, {
    ...options,
    env: { CGO_ENABLED: "0", ...options.env },
    stdin: "ignore",
    reject: false,
    all: true,
  });
  if (result.code === "ENOENT") throw new GoMissing(what);
  if (result.exitCode === 0) return;
  const lines = result.all.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("go: downloading"));
  throw new CommandError(`${what} could not be built: ${lines.slice(-5).join("\n  ") || result.message}`, 1);
}
