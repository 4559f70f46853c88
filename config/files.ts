import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FleetError } from "./problems";

/**
 * Reads a JSON file beside `fleet.ts`.
 * @throws {FleetError} when it is missing or not JSON
 */
export function readJson(root: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(root, name), "utf8"));
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new FleetError([
      {
        path: name,
        reason: missing ? "does not exist" : `is not JSON: ${error instanceof Error ? error.message : String(error)}`,
        fix: missing ? `create it; "{}" means that no cluster runs` : "correct it, or restore it from git",
      },
    ]);
  }
}
