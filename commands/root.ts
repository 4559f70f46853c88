import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { CommandError } from "../config/command-error";

/**
 * The checkout that a command works on: the nearest folder upwards that holds `fleet.ts`.
 * @throws {CommandError} when there is none
 */
export function findRoot(from = process.cwd()): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "fleet.ts")) && existsSync(join(folder, "bin", "synth.cjs"))) return folder;
    if (dirname(folder) === folder)
      throw new CommandError(`There is no fleet.ts in ${from} or above it. Run this in a checkout of your fleet.`, 2);
  }
}
