import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Terraform's name for the lock file of a working directory. */
export const LOCK_FILE = ".terraform.lock.hcl";

/** Host that providers without one in their name come from. */
export const REGISTRY = "registry.terraform.io";

/** The committed lock of a checkout: every provider that programs use, with its exact version and digests. */
export function providerLock(root: string): string {
  return join(root, "providers.lock.hcl");
}

/**
 * Puts the program's one committed provider lock into every stack's folder, so that `terraform init` (and the cdktf
 * CLI, which otherwise asks the registry) takes exactly the pinned providers. Terraform rewrites its copy; ours stays.
 *
 * @param root checkout with the committed lock
 * @param outdir where the program was synthesized to, such as `cdktf.out`
 */
export function copyProviderLock(root: string, outdir: string, stackIds: readonly string[]): void {
  for (const id of stackIds) copyFileSync(providerLock(root), join(outdir, "stacks", id, LOCK_FILE));
}

/**
 * Puts into a folder what a lock says of the providers that its program requires, and nothing else: Terraform looks for
 * everything that is in the lock of a folder.
 *
 * @param required sources of providers, such as `hashicorp/helm` or only `helm`
 */
export function writeProviderLock(lock: string, directory: string, required: readonly string[]): void {
  const names = required.map((source) => `${REGISTRY}/${source.includes("/") ? source : `hashicorp/${source}`}`);
  const blocks = [...readFileSync(lock, "utf8").matchAll(/^provider "([^"]+)" \{\n[^}]*\}\n/gm)];
  const kept = blocks.flatMap(([block, name = ""]) => (names.includes(name) ? [block] : []));
  writeFileSync(join(directory, LOCK_FILE), kept.join("\n"));
}

/** Versions of a lock's providers, by name, such as `hashicorp/helm`. */
export function lockedVersions(lock: string): Readonly<Record<string, string>> {
  const blocks = readFileSync(lock, "utf8").matchAll(/^provider "([^"/]+)\/([^"]+)" \{\s*version\s*=\s*"([^"]+)"/gm);
  return Object.fromEntries(
    [...blocks].map(([, host, name = "", version = ""]) => [host === REGISTRY ? name : `${host ?? ""}/${name}`, version]),
  );
}
