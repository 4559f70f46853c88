import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requiredSources, type ProgramJson } from "./program";

/** Terraform's name for the lock file of a working directory. */
export const LOCK_FILE = ".terraform.lock.hcl";

/** Host that providers without one in their name come from. */
export const REGISTRY = "registry.terraform.io";

/** File beside `fleet.ts` with every provider that programs use, with its exact version and digests. */
export const PROVIDER_LOCK = "providers.lock.hcl";

/**
 * Flag of `terraform init` wherever there are credentials: it refuses a program that requires other providers than the
 * lock of its folder names, instead of adding them.
 */
export const LOCKED = ["-lockfile=readonly"] as const;

/** The committed lock of a checkout. */
export function providerLock(root: string): string {
  return join(root, PROVIDER_LOCK);
}

/**
 * Puts into every stack's folder what the program's one committed lock says of the providers it requires, so that
 * `terraform init` (and the cdktf CLI, which otherwise asks the registry) takes exactly the pinned providers, and
 * `init -lockfile=readonly` finds nothing to change. Terraform rewrites its copy; ours stays.
 *
 * @param root checkout with the committed lock
 * @param outdir where the program was synthesized to, such as `cdktf.out`
 */
export function copyProviderLock(root: string, outdir: string, stackIds: readonly string[]): void {
  for (const id of stackIds) {
    const directory = join(outdir, "stacks", id);
    const program = JSON.parse(readFileSync(join(directory, "cdk.tf.json"), "utf8")) as ProgramJson;
    writeProviderLock(providerLock(root), directory, requiredSources(program));
  }
}

/** A source with its host and namespace, as Terraform completes it. */
export function fullSource(source: unknown): string | undefined {
  if (typeof source !== "string" || !/^[\w.-]+(\/[\w.-]+){0,2}$/.test(source)) return undefined;
  const parts = source.split("/");
  return [...[REGISTRY, "hashicorp"].slice(0, 3 - parts.length), ...parts].join("/");
}

/**
 * Puts into a folder what a lock says of the providers that its program requires, and nothing else: Terraform looks for
 * everything that is in the lock of a folder.
 *
 * @param required sources of providers, such as `hashicorp/helm` or only `helm`
 * @param added whether it is added to what the folder's lock says already
 */
export function writeProviderLock(lock: string, directory: string, required: readonly string[], added = false): void {
  const names = new Set(required.map(fullSource));
  const blocks = [...readFileSync(lock, "utf8").matchAll(/^provider "([^"]+)" \{\n[^}]*\}\n/gm)];
  const kept = blocks.flatMap(([block, name = ""]) => (names.has(name) ? [block] : []));
  const file = join(directory, LOCK_FILE);
  writeFileSync(file, [...(added ? [readFileSync(file, "utf8")] : []), ...kept].join("\n"));
}

/** Versions of a lock's providers, by full source, such as `registry.terraform.io/hashicorp/helm`. */
export function lockedSources(lock: string): Readonly<Record<string, string>> {
  const blocks = readFileSync(lock, "utf8").matchAll(/^provider "([^"]+)" \{\s*version\s*=\s*"([^"]+)"/gm);
  return Object.fromEntries([...blocks].map(([, name = "", version = ""]) => [name, version]));
}

/** Versions of a lock's providers, by name, such as `hashicorp/helm`. */
export function lockedVersions(lock: string): Readonly<Record<string, string>> {
  const prefix = `${REGISTRY}/`;
  return Object.fromEntries(
    Object.entries(lockedSources(lock)).map(([source, version]) => [
      source.startsWith(prefix) ? source.slice(prefix.length) : source,
      version,
    ]),
  );
}
