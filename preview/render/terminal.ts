import { plainTable } from "../../rehearsal/report/table";
import { inertLines } from "../../config/inert-text";
import { ALLOWED_FILE, entriesFor } from "../guard";
import type { PreviewReport, ResourcePreview, StackPreview } from "../report/model";
import { inertReport } from "./inert-report";
import {
  chartWords,
  comparison,
  headline,
  KIND_SIGNS,
  KIND_WORDS,
  modeWords,
  refusalWords,
  remarks,
  shownDifferences,
  sides,
  smallChange,
  stackNote,
  staleWords,
  TABLE_COUNTS,
  timeWords,
  usd,
} from "./words";

/** Most changes in place that are listed. */
const LISTED = 30;

/** The report for a terminal: what the guard refuses, then what needs eyes in full, the rest in a line each. */
export function renderTerminal(untrusted: PreviewReport): string {
  const report = inertReport(untrusted);
  const { guard } = report;
  const changes = report.stacks.flatMap((stack) => stack.changes.map((change): Placed => ({ stack, change })));
  const dangerous = changes.filter(({ change }) => change.danger !== "none");
  const calm = changes.filter(({ change }) => change.danger === "none" && change.kind !== "create");
  const sections = [
    `Plan preview: ${headline(report)}\n${comparison(report)}\n${modeWords(report)}`,
    ...list(
      "The guard refuses",
      guard.violations.map((violation) => `  !! ${violation.address} ${refusalWords(violation)}`),
    ),
    ...(guard.violations.length === 0 ? [] : [`To allow it, put this into ${ALLOWED_FILE}, each with its reason:\n${entriesFor(guard)}`]),
    ...list("Needs eyes", dangerous.map(resourceInFull)),
    ...list(
      "Steps before a loss",
      report.stacks.flatMap(({ name, steps }) =>
        steps.map(({ address, path, what }) => `  !! ${name}/${address}${path === "" ? "" : ` ${path}`}: ${what}`),
      ),
    ),
    ...list("Besides resources", report.stacks.flatMap(otherLines)),
    ...list(
      "Guard",
      guard.stale.map((entry) => `  !! ${entry.address} ${staleWords(entry)}`),
    ),
    ...(report.stacks.length === 0 ? ["No stack's program differs."] : [stacks(report)]),
    ...list("Changes in place", shortened(calm.map(resourceLine))),
    ...list(
      "Charts",
      report.stacks.flatMap(({ name, charts }) => charts.map((chart) => `  ${name}/${chartWords(chart)}`)),
    ),
    ...list(
      "Changed outside of this change",
      report.stacks.flatMap((stack) => stack.drift.map((change) => resourceInFull({ stack, change }))),
    ),
    `Cost a month at list price: ${usd(report.cost.after - report.cost.before, true)}`,
  ];
  return inertLines(`${sections.join("\n\n")}\n`);
}

/** A change within its stack. */
interface Placed {
  readonly stack: StackPreview;
  readonly change: ResourcePreview;
}

function otherLines({ name, others }: StackPreview): string[] {
  return others.filter(({ kind }) => kind !== "output").map(({ address, what }) => `  !! ${name}/${address} ${what}`);
}

function shortened(lines: readonly string[]): readonly string[] {
  return lines.length <= LISTED ? lines : [...lines.slice(0, LISTED), `  and ${lines.length - LISTED} more; the page has everything`];
}

function list(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:\n${lines.join("\n")}`];
}

function stacks({ stacks: all }: PreviewReport): string {
  return plainTable(
    ["Stack", "Created", "Changed", "Replaced", "Deleted", "On AWS (90 %)", ""],
    all.map((stack) => [
      stack.name,
      ...TABLE_COUNTS.map((kind) => (stack.counts[kind] === 0 ? "" : String(stack.counts[kind]))),
      timeWords(stack.time),
      stackNote(stack),
    ]),
  );
}

function resourceLine({ stack, change }: Placed): string {
  const notes = [smallChange(change, shownDifferences(change, stack)) ?? "", ...remarks(change)].filter((note) => note !== "");
  return `  ${KIND_SIGNS[change.kind]} ${KIND_WORDS[change.kind]} ${stack.name}/${change.construct}${notes.length > 0 ? `: ${notes.join("; ")}` : ""}`;
}

function resourceInFull({ stack, change }: Placed): string {
  const notes = remarks(change);
  const line = `  ${KIND_SIGNS[change.kind]} ${KIND_WORDS[change.kind]} ${stack.name}/${change.construct}${notes.length > 0 ? `: ${notes.join("; ")}` : ""}`;
  const causes = shownDifferences(change, stack).filter(({ forces }) => forces || change.kind === "update");
  const words = causes.map((difference) => {
    const { before = "nothing", after, note } = sides(difference);
    return `      ${difference.path}${difference.forces ? " forces it" : ""}: ${note === "" ? `${before} → ${after ?? "nothing"}` : note}`;
  });
  return [line, ...words].join("\n");
}
