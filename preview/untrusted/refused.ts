import { readFileSync } from "node:fs";
import { z } from "zod";
import { CommandError } from "../../config/command-error";
import { EXCEPTIONS_FILE } from "./exceptions";
import type { Refusal } from "./refusal";

/** Most refusals that a message lists. */
const LISTED = 40;

/** Programs that are not planned where there are credentials. */
export class ProgramsRefused extends CommandError {
  constructor(readonly refusals: readonly Refusal[]) {
    super(messageOf(refusals), 2);
    this.name = "ProgramsRefused";
  }
}

const refusalsSchema = z.array(
  z.strictObject({ stack: z.string(), path: z.string(), reason: z.string(), exception: z.string().optional() }),
);

/**
 * Reads refusals that another job wrote down.
 * @throws {CommandError} with exit code 2 when the file holds none
 */
export function readRefusals(file: string): readonly Refusal[] {
  try {
    return refusalsSchema.parse(JSON.parse(readFileSync(file, "utf8"))).map((refusal) => ({ exception: undefined, ...refusal }));
  } catch {
    throw new CommandError(`${file} holds no refusals as drydock preview writes them.`, 2);
  }
}

/** What an exceptions file would have to say for these refusals; empty where no entry helps. */
export function exceptionEntries(refusals: readonly Refusal[]): readonly string[] {
  return [...new Set(refusals.flatMap(({ exception }) => exception ?? []))].map(
    (allow) => `{ "allow": ${JSON.stringify(allow)}, "why": "" }`,
  );
}

function messageOf(refusals: readonly Refusal[]): string {
  const listed = refusals.slice(0, LISTED).map(({ stack, path, reason }) => `  ${stack}: ${path} ${reason}`);
  const more = refusals.length > LISTED ? [`  and ${refusals.length - LISTED} more`] : [];
  const entries = exceptionEntries(refusals);
  const never = refusals.some(({ exception }) => exception === undefined);
  return [
    "These programs are not planned with credentials, because the base does not allow what is in them:",
    ...listed,
    ...more,
    ...(entries.length > 0
      ? [`To allow it, merge entries into ${EXCEPTIONS_FILE} first, each with its reason:`, ...entries.map((entry) => `  ${entry}`)]
      : []),
    ...(never ? ["No entry can allow the rest: take it out of the program."] : []),
    "Until then, npx drydock preview --mode rehearsed shows what they would do.",
  ].join("\n");
}
