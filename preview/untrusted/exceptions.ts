import { z } from "zod";
import { readReviewedFile } from "../reviewed-file";
import type { Refusal } from "./refusal";

/** File beside `fleet.ts` with what programs may hold besides what Drydock writes. */
export const EXCEPTIONS_FILE = "allowed-programs.json";

const exceptionsSchema = z.strictObject({
  $schema: z.string().optional(),
  exceptions: z.array(
    z.strictObject({
      /** What is allowed, word for word as a refusal names it, such as `resource aws_dynamodb_table`. */
      allow: z.string().trim().min(1),
      /**
       * The one stack that may.
       * @default every stack
       */
      stack: z.string().optional(),
      /** For whoever reviews it. */
      why: z.string().trim().min(1, "it says why"),
    }),
  ),
});

/** What programs may hold besides what Drydock writes. */
export type Exceptions = z.infer<typeof exceptionsSchema>["exceptions"];

/**
 * Reads the exceptions of a revision.
 * @param folder checkout, or folder with what was kept of it
 * @returns none when there is no such file
 * @throws {CommandError} with exit code 2 when it is not of the documented form
 */
export function readExceptions(folder: string): Exceptions {
  return (
    readReviewedFile(folder, {
      name: EXCEPTIONS_FILE,
      schema: exceptionsSchema,
      example: '{ "exceptions": [{ "allow": "resource aws_dynamodb_table", "why": "..." }] }',
    })?.exceptions ?? []
  );
}

/** Whether an entry allows what was refused. */
export function isExcepted({ stack, exception }: Pick<Refusal, "stack" | "exception">, exceptions: Exceptions): boolean {
  return exception !== undefined && exceptions.some((entry) => entry.allow === exception && (entry.stack ?? stack) === stack);
}

/** Entries that stand in both of two lists: an exception that the main line has taken back does not count. */
export function commonExceptions(a: Exceptions, b: Exceptions): Exceptions {
  return a.filter((entry) => b.some((other) => other.allow === entry.allow && other.stack === entry.stack));
}
