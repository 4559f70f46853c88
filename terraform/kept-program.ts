import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { requiredSources, resourcesOf, type ProgramJson, type ProgramStack } from "./program";
import { LOCK_FILE, PROVIDER_LOCK, writeProviderLock } from "./provider-lock";

const SUFFIX = ".program.tf.json";

/** Ending of the provider lock that a program was applied with. */
const LOCK_SUFFIX = ".program.lock.hcl";

/** Keeps the program a stack was applied from beside its state, so that the stack can be destroyed when its declaration is gone. */
export function keepProgram(stateFolder: string, stack: ProgramStack): void {
  mkdirSync(stateFolder, { recursive: true });
  const kept = join(stateFolder, `${stack.name}${SUFFIX}`);
  copyFileSync(join(stack.directory, "cdk.tf.json"), `${kept}.tmp`);
  renameSync(`${kept}.tmp`, kept);
  const lock = join(stack.directory, LOCK_FILE);
  if (existsSync(lock)) copyFileSync(lock, join(stateFolder, `${stack.name}${LOCK_SUFFIX}`));
}

/** Forgets a program whose stack stands no longer. */
export function forgetProgram(stateFolder: string, name: string): void {
  for (const suffix of [SUFFIX, LOCK_SUFFIX]) rmSync(join(stateFolder, `${name}${suffix}`), { force: true });
}

/**
 * Stacks that were applied and not destroyed, and that a program no longer declares. Their programs are put back into
 * folders beside the others, ready to run.
 *
 * @param outdir where the present program was synthesized to
 */
export function orphanedStacks(stateFolder: string, outdir: string, declared: readonly ProgramStack[]): readonly ProgramStack[] {
  if (!existsSync(stateFolder)) return [];
  const names = new Set(declared.map(({ name }) => name));
  return readdirSync(stateFolder)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .filter((name) => !names.has(name))
    .map((name) => restore(stateFolder, outdir, name));
}

function restore(stateFolder: string, outdir: string, name: string): ProgramStack {
  const directory = join(outdir, "stacks", name);
  mkdirSync(directory, { recursive: true });
  copyFileSync(join(stateFolder, `${name}${SUFFIX}`), join(directory, "cdk.tf.json"));
  const json = JSON.parse(readFileSync(join(directory, "cdk.tf.json"), "utf8")) as ProgramJson;
  const [kept, common] = [join(stateFolder, `${name}${LOCK_SUFFIX}`), join(outdir, PROVIDER_LOCK)];
  if (existsSync(kept)) copyFileSync(kept, join(directory, LOCK_FILE));
  else if (existsSync(common)) writeProviderLock(common, directory, requiredSources(json));
  // cdktf names the remote state of each stack it reads after that stack.
  const dependencies = Object.keys(json.data?.["terraform_remote_state"] ?? {}).map((key) =>
    key.replace(/^cross-stack-reference-input-/, ""),
  );
  return { name, dependencies, directory, resources: resourcesOf(json), json };
}
