import type { DriftReport, StackDrift } from "../drift/model";
import type { Difference } from "../report/model";
import { inertLines } from "../../config/inert-text";
import { inertReport } from "./inert-report";
import { KIND_SIGNS, KIND_WORDS, plural, sides } from "./words";

/** Drift for a terminal, by stack and cause. */
export function renderDrift(report: DriftReport): string {
  const { stacks } = inertReport(report);
  const different = stacks.filter(({ status }) => status !== "same");
  const same = stacks.length - different.length;
  return inertLines(
    `${[...different.map(stackText), `${plural(same, "stack")} of ${stacks.length} ${same === 1 ? "is" : "are"} what the code says.`].join("\n\n")}\n`,
  );
}

function stackText({ name, status, note, outside, unapplied, releases }: StackDrift): string {
  if (status === "failed") return `${name}\n  !! could not be compared: ${note}`;
  return [
    name,
    ...part("changed outside", outside.flatMap(resourceLines)),
    ...part("in the code, and not applied", unapplied.flatMap(resourceLines)),
    ...part(
      "releases that run otherwise than locked",
      releases.flatMap(({ release, differences }) => [release, ...differences.map(differenceLine)]),
    ),
  ].join("\n");
}

function part(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`  ${title}:`, ...lines.map((line) => `    ${line}`)];
}

function resourceLines({ kind, construct, differences }: StackDrift["outside"][number]): string[] {
  return [`${KIND_SIGNS[kind]} ${KIND_WORDS[kind]} ${construct}`, ...(kind === "update" ? differences.map(differenceLine) : [])];
}

function differenceLine(difference: Difference): string {
  const { before = "nothing", after = "nothing", note } = sides(difference);
  return `  ${difference.path}: ${note === "" ? `${before} → ${after}` : note}`;
}
