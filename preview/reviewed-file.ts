import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CommandError } from "../config/command-error";

/** A JSON file beside `fleet.ts` that a review must see before it allows anything. */
export interface ReviewedFile<Content> {
  readonly name: string;
  readonly schema: z.ZodType<Content>;
  /** One that is right, for the error. */
  readonly example: string;
}

/**
 * Reads what was allowed by review.
 * @param folder checkout, or folder with what was kept of it
 * @returns undefined when there is no such file
 * @throws {CommandError} with exit code 2 when it is not of the documented form
 */
export function readReviewedFile<Content>(folder: string, { name, schema, example }: ReviewedFile<Content>): Content | undefined {
  const file = join(folder, name);
  if (!existsSync(file)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);
    throw new CommandError(`${name} cannot be read: ${reason}\nIt reads ${example}.`, 2);
  }
}
