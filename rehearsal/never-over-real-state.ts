import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { CommandError } from "../config/command-error";
import type { ProgramJson } from "../terraform/program";

/**
 * Refuses a program whose state is not the rehearsal's own: fakes in real state, or a refresh that drops every real
 * resource, would be the worst that Drydock could do.
 *
 * @param directory folder that Terraform would run in
 * @param stateFolder the only place where state may lie
 * @throws {CommandError} with exit code 2 and the backend's name
 */
export function refuseForeignState(directory: string, stateFolder: string): void {
  const refuse = (found: string): never => {
    throw new CommandError(
      `${directory} keeps its state in ${found}, not in a rehearsal's folder. The stand-in never runs over it.\nUse the stand-in through Drydock's commands: they synthesize the fleet anew with state of their own.`,
      2,
    );
  };
  const program = readJson(join(directory, "cdk.tf.json")) as ProgramJson | undefined;
  if (!program) throw new CommandError(`${directory} holds no synthesized program (cdk.tf.json).`, 2);
  if (program.terraform?.cloud !== undefined) refuse("HCP Terraform");
  const [backend, ...others] = Object.entries(program.terraform?.backend ?? {});
  if (!backend || others.length > 0) return refuse("Terraform's default place");
  const [kind, settings] = backend;
  if (kind !== "local") refuse(`a backend of type ${kind}`);
  if (settings["workspace_dir"] !== undefined) refuse("a folder of workspaces");
  const path = resolve(directory, String(settings["path"]));
  if (!isWithin(stateFolder, path)) refuse(path);

  // What the folder was initialized with decides, not only what its program says now.
  const initialized = (
    readJson(join(directory, ".terraform", "terraform.tfstate")) as { backend?: { type?: string; config?: { path?: string } } } | undefined
  )?.backend;
  if (initialized && (initialized.type !== "local" || !isWithin(stateFolder, resolve(directory, initialized.config?.path ?? ""))))
    refuse(`a backend of type ${initialized.type ?? "unknown"} that it was initialized with`);
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && !way.startsWith("..") && !isAbsolute(way);
}

function readJson(file: string): unknown {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}
