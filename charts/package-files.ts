import { randomUUID } from "node:crypto";
import { lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Largest package that is accepted, in bytes; the largest known chart has less than a megabyte. */
export const MAX_PACKAGE_BYTES = 32 * 1024 * 1024;

/**
 * Reads a package off the disk; nothing where none is.
 * @throws {Error} when something else than a file of a package's size has its name, such as a link to a device
 */
export function readPackage(path: string): Buffer | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (!found.isFile()) throw new Error("it is no plain file; delete it and run npx drydock charts pull");
  if (found.size > MAX_PACKAGE_BYTES)
    throw new Error(
      `it is larger than ${MAX_PACKAGE_BYTES / 1024 / 1024} MiB, which no chart is; delete it and run npx drydock charts pull`,
    );
  return readFileSync(path);
}

/**
 * Writes a whole file or none: it gets its name when its bytes are there. A link of that name is replaced and never
 * followed, and nobody can lay one in the way, because the temporary file is new and its name cannot be guessed.
 */
export function writeWhole(path: string, bytes: string | Uint8Array): void {
  const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    writeFileSync(temporary, bytes, { flag: "wx" });
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}
