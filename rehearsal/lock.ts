import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { CommandError } from "../config/command-error";

/**
 * Takes a lock file for this process; one left by a process that is gone is taken over.
 * @returns releases it
 * @throws {CommandError} when another process holds it, or the folder cannot be written
 */
export function takeLock(file: string, what: string): () => void {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw unwritable(file, error);
  }
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "EEXIST") throw unwritable(file, error);
    const holder = Number(readFileSync(file, "utf8"));
    if (isAlive(holder))
      throw new CommandError(`${what} runs already in this checkout (process ${holder}). Wait for it, or use another checkout.`, 1);
    rmSync(file, { force: true });
    return takeLock(file, what);
  }
  const release = (): void => {
    process.off("exit", release);
    rmSync(file, { force: true });
  };
  process.on("exit", release);
  return release;
}

function unwritable(file: string, error: unknown): CommandError {
  return new CommandError(`${dirname(file)} cannot be written: ${error instanceof Error ? error.message : String(error)}`, 1);
}

/** Whether a process runs. */
export function isAlive(pid: number): boolean {
  // An empty or damaged lock names nobody.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
