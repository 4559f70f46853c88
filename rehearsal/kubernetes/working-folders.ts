import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError } from "../../config/command-error";
import { isAlive } from "../lock";

/** Prefix of the folders of running APIs in the temporary folder. */
export const FOLDER_PREFIX = "drydock-kube-";

/**
 * Makes the folder that an API works in, and the one of its logs.
 * @throws {CommandError} when it cannot
 */
export function newFolder(logs: string): string {
  try {
    mkdirSync(logs, { recursive: true });
    // Short: the path of a unix socket may have 107 characters.
    const folder = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
    writeFileSync(join(folder, "owner"), String(process.pid));
    return folder;
  } catch (error) {
    throw new CommandError(`No folder for a Kubernetes API could be made: ${error instanceof Error ? error.message : String(error)}`, 1);
  }
}

/**
 * Removes folders of APIs whose owner is gone. Their supervisor does so itself; this is for the day on which it was
 * killed too.
 */
export function sweepFolders(): void {
  for (const name of readdirSync(tmpdir()).filter((file) => file.startsWith(FOLDER_PREFIX))) {
    const folder = join(tmpdir(), name);
    try {
      const owner = Number(readFileSync(join(folder, "owner"), "utf8"));
      if (!isAlive(owner)) rmSync(folder, { recursive: true, force: true });
    } catch {
      // Someone else's, or one that is just being made.
    }
  }
}
