import { plainTable } from "../../rehearsal/report/table";
import type { PreviewReport, ResourcePreview } from "../report/model";
import { comparison, headline, KIND_SIGNS, KIND_WORDS, modeWords, remarks, sides, stackNote, timeWords, usd } from "./words";

/** The report for a terminal: what needs eyes in full, the rest in numbers. */
export function renderTerminal(report: PreviewReport): string {
  const placed = report.stacks.flatMap(({ name: stack, changes }) => changes.map((change) => ({ stack, change })));
  const dangerous = placed.filter(({ change }) => change.danger !== "none");
  const drift = report.stacks.flatMap(({ name: stack, drift: own }) => own.map((change) => ({ stack, change })));
  const { violations, stale } = report.guard;
  const sections = [
    `Plan preview: ${headline(report)}\n${comparison(report)}\n${modeWords(report)}`,
    ...list(
      "Needs eyes",
      dangerous.map(({ stack, change }) => resource(stack, change, true)),
    ),
    ...list("Guard", [
      ...violations.map(({ address, action }) => `  !! ${address} may not be ${action}d: no entry in allowed-changes.json allows it`),
      ...stale.map(({ address, action }) => `  !! ${address} (${action}) matches nothing any more: take it out of allowed-changes.json`),
    ]),
    ...(report.stacks.length === 0 ? ["No stack's program differs."] : [stacks(report)]),
    ...list(
      "Charts",
      report.stacks.flatMap(({ charts }) =>
        charts.map(({ release, chart, version }) => `  ${release}: ${chart} ${version.before ?? "none"} → ${version.after ?? "none"}`),
      ),
    ),
    ...list(
      "Changed outside of this change",
      drift.map(({ stack, change }) => resource(stack, change, true)),
    ),
    `Cost a month at list price: ${usd(report.cost.after - report.cost.before, true)}`,
  ];
  return `${sections.join("\n\n")}\n`;
}

function list(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:\n${lines.join("\n")}`];
}

function stacks({ stacks: all }: PreviewReport): string {
  return plainTable(
    ["Stack", "Created", "Changed", "Replaced", "Deleted", "On AWS (90 %)", ""],
    all.map((stack) => [
      stack.name,
      ...[stack.counts.create, stack.counts.update, stack.counts.replace, stack.counts.delete].map((count) =>
        count === 0 ? "" : String(count),
      ),
      timeWords(stack.time),
      stackNote(stack),
    ]),
  );
}

function resource(stack: string, change: ResourcePreview, withCauses: boolean): string {
  const notes = remarks(change);
  const line = `  ${KIND_SIGNS[change.kind]} ${KIND_WORDS[change.kind]} ${stack}/${change.construct}${notes.length > 0 ? `: ${notes.join("; ")}` : ""}`;
  const causes = change.differences.filter(({ forces }) => forces || change.kind === "update");
  const words = causes.map((difference) => {
    const { before = "nothing", after, note } = sides(difference);
    return `      ${difference.path}${difference.forces ? " forces it" : ""}: ${note === "" ? `${before} → ${after ?? "nothing"}` : note}`;
  });
  return [line, ...(withCauses ? words : [])].join("\n");
}
