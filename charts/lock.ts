import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { lockSchema, type Lock } from "../config/chart-lock";
import { CommandError } from "../config/command-error";

/**
 * Reads a lock.
 * @throws {CommandError} when it is missing or not of the form that Drydock writes
 */
export function readLock(file: string): Lock {
  try {
    return lockSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);
    throw new CommandError(`The lock ${file} cannot be read: ${reason}`, 2);
  }
}

/** Records digests that a first pull found. The file is written anew and renamed, so it is never half a lock. */
export function recordDigests(file: string, digests: ReadonlyMap<string, string>, today: string): void {
  const lock = readLock(file);
  const charts = Object.fromEntries(
    Object.entries(lock.charts).map(([name, chart]) => {
      const sha256 = digests.get(name);
      return [name, sha256 === undefined ? chart : { ...chart, sha256, digestSource: `recorded at the first pull, ${today}` }];
    }),
  );
  writeFileSync(`${file}.tmp`, `${JSON.stringify({ ...lock, charts }, null, 2)}\n`);
  renameSync(`${file}.tmp`, file);
}
