import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import { CommandError } from "../../config/command-error";
import { reportSchema, type PreviewReport } from "../report/model";

/** Largest report that is read from an artefact, in bytes: some times what 5,000 changed resources take. */
export const LARGEST_REPORT = 32 * 1024 * 1024;

/**
 * Reads a report that code of a pull request wrote: anyone's, for a fork. It is only ever data: checked against the
 * schema, and rendered anew.
 *
 * @param commit commit that it must be about, as GitHub says
 * @throws {CommandError} with exit code 2 when it is anything else
 */
export function readUntrustedReport(file: string, commit?: string): PreviewReport {
  const refuse = (reason: string): never => {
    throw new CommandError(`The report ${file} is not taken: ${reason}.`, 2);
  };
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) return refuse("there is no such file");
  if (size > LARGEST_REPORT) refuse(`it has ${size} bytes, and reports have at most ${LARGEST_REPORT}`);
  const parsed = reportSchema.safeParse(parsedJson(readFileSync(file, "utf8")));
  if (!parsed.success) return refuse(`it is not of the form that Drydock writes: ${z.prettifyError(parsed.error).split("\n")[0] ?? ""}`);
  if (commit !== undefined && parsed.data.head.commit !== commit)
    refuse(`it is about ${parsed.data.head.commit.slice(0, 7)}, and the run was about ${commit.slice(0, 7)}`);
  return parsed.data;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
