import { readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "../lock";

/**
 * Removes folders of APIs whose owner is gone. Their supervisor does so itself; this is for the day on which it was
 * killed too.
 */
export function sweepFolders(prefix: string): void {
  for (const name of readdirSync(tmpdir()).filter((file) => file.startsWith(prefix))) {
    const folder = join(tmpdir(), name);
    try {
      const owner = Number(readFileSync(join(folder, "owner"), "utf8"));
      if (!isAlive(owner)) rmSync(folder, { recursive: true, force: true });
    } catch {
      // Someone else's, or one that is just being made.
    }
  }
}
