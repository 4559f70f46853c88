import { readFileSync, statSync } from "node:fs";
import { type z } from "zod";
import { chartsOf, lockSchema, type Lock } from "../config/chart-lock";
import { CommandError } from "../config/command-error";
import { parseStrictJson } from "../config/strict-json";
import { writeWhole } from "./package-files";
import { plainReason, plainText } from "./plain-text";

/** Largest lock that is read, in bytes; a dozen charts need ten thousand. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Most mistakes of a lock that are named at once. */
const MAX_ISSUES = 10;

/**
 * Reads a lock. It may come from a change that nobody reviewed, so nothing in it is trusted before it was checked.
 * @throws {CommandError} when it is missing, too large, no JSON, has a key twice, or is not of the form that Drydock writes
 */
export function readLock(file: string): Lock {
  try {
    const { error, data } = lockSchema.safeParse(parseStrictJson(readText(file)));
    if (error) throw new CommandError(issuesOf(error), 2);
    return data;
  } catch (error) {
    const reason = error instanceof CommandError ? error.message : plainReason(error);
    throw new CommandError(`The lock ${file} cannot be read: ${reason}`, 2);
  }
}

/**
 * Charts without a digest in a lock: what their address leads to was never reviewed, so a job with credentials must not
 * take it for the chart.
 *
 * @throws {CommandError} as {@link readLock}
 */
export function unrecordedCharts(lockFile: string): readonly string[] {
  return chartsOf(readLock(lockFile)).flatMap(({ name, sha256 }) => (sha256 === null ? [name] : []));
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
  writeWhole(file, `${JSON.stringify({ ...lock, charts }, null, 2)}\n`);
}

function readText(file: string): string {
  const found = statSync(file);
  if (!found.isFile()) throw new Error("it is no plain file");
  if (found.size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
  return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
}

function issuesOf({ issues }: z.ZodError): string {
  const lines = issues.slice(0, MAX_ISSUES).map(({ path, message }) => `  ${plainText(`${path.join(".")}: ${message}`)}`);
  const more = issues.length - lines.length;
  return ["it is not of the form of charts.lock.json", ...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join("\n");
}
