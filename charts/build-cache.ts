import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandError } from "../config/command-error";

/** How often a waiting process looks whether another one has finished, in milliseconds. */
const POLL_MS = 200;

/** A lock whose holder cannot be told is taken over after this time, in milliseconds. */
const UNSIGNED_LOCK_MS = 10_000;

/** Folder for what is built once and used by every checkout of this user: `$XDG_CACHE_HOME/drydock`, else `~/.cache/drydock`. */
export function cacheFolder(): string {
  const configured = process.env["XDG_CACHE_HOME"];
  return join(configured === undefined || configured === "" ? join(homedir(), ".cache") : configured, "drydock");
}

/**
 * Builds a file into the cache unless it is there. The file gets its name only once it is whole, and of several
 * processes that want it one builds while the others wait.
 *
 * @param name path within the cache; it says everything that the content depends on
 * @param build makes the file at the path it is given, in an empty folder of its own
 * @returns the file's path
 * @throws {CommandError} when the cache cannot be written; whatever `build` throws
 */
export async function builtOnce(name: string, build: (file: string) => Promise<void>): Promise<string> {
  const file = join(cacheFolder(), name);
  if (isWhole(file)) return file;
  const release = await takeBuildLock(file);
  try {
    if (isWhole(file)) return file;
    // What a build left that was killed; nobody else builds while this process holds the lock.
    for (const name of readdirSync(dirname(file)))
      if (name.startsWith(`${basename(file)}.partial-`)) rmSync(join(dirname(file), name), { recursive: true, force: true });
    const folder = mkdtempSync(`${file}.partial-`);
    try {
      const partial = join(folder, basename(file));
      await build(partial);
      // Complete or absent: a rename within a file system is one step.
      renameSync(partial, file);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return file;
  } finally {
    release();
  }
}

/**
 * Notes that a file of the cache is in use, and removes files beside it that nobody used for a time.
 *
 * @param name path within the cache, as it was built with
 * @param wanted names that stay, however long ago they were used
 */
export function keepFresh(name: string, wanted: readonly string[], unusedMs: number): void {
  const file = join(cacheFolder(), name);
  try {
    utimesSync(file, new Date(), new Date());
    for (const other of readdirSync(dirname(file))) {
      const path = join(dirname(file), other);
      const stays = wanted.some((kept) => basename(kept) === other);
      if (!stays && Date.now() - statSync(path).mtimeMs > unusedMs) rmSync(path, { recursive: true, force: true });
    }
  } catch {
    // A cache that only others may write, or that another process is tidying up just now: it serves all the same.
  }
}

/** An empty file is what a full disk or a crash of the machine leaves of a name. */
function isWhole(file: string): boolean {
  return existsSync(file) && statSync(file).size > 0;
}

async function takeBuildLock(file: string): Promise<() => void> {
  const lock = `${file}.lock`;
  for (;;) {
    try {
      mkdirSync(dirname(lock), { recursive: true });
      writeFileSync(lock, String(process.pid), { flag: "wx" });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST"))
        throw new CommandError(
          `The cache ${cacheFolder()} cannot be written: ${error instanceof Error ? error.message : String(error)}. Set XDG_CACHE_HOME to a folder that can.`,
          1,
        );
      if (isHeld(lock)) await sleep(POLL_MS);
      else rmSync(lock, { force: true });
      continue;
    }
    const release = (): void => {
      process.off("exit", release);
      rmSync(lock, { force: true });
    };
    process.on("exit", release);
    return release;
  }
}

/** Whether the process that wrote a lock still runs. */
function isHeld(lock: string): boolean {
  try {
    const holder = Number(readFileSync(lock, "utf8"));
    if (!Number.isInteger(holder) || holder <= 0) return Date.now() - statSync(lock).mtimeMs < UNSIGNED_LOCK_MS;
    process.kill(holder, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
