import { copyFileSync } from "node:fs";
import { join } from "node:path";

/** Terraform's name for the lock file of a working directory. */
export const LOCK_FILE = ".terraform.lock.hcl";

/**
 * Puts the program's one committed provider lock into every stack's folder, so that `terraform init` (and the cdktf
 * CLI, which otherwise asks the registry) takes exactly the pinned providers. Terraform rewrites its copy; ours stays.
 *
 * @param outdir where the program was synthesized to, such as `cdktf.out`
 */
export function copyProviderLock(root: string, outdir: string, stackIds: readonly string[]): void {
  for (const id of stackIds) copyFileSync(join(root, "providers.lock.hcl"), join(outdir, "stacks", id, LOCK_FILE));
}
