import { inertData, inertLines, settled } from "../../config/inert-text";
import { ALLOWED_FILE, entriesFor } from "../guard";
import type { ChartPreview, Difference, PreviewReport, ResourcePreview, StackPreview } from "../report/model";
import { EXCEPTIONS_FILE } from "../untrusted/exceptions";
import type { Refusal } from "../untrusted/refusal";
import { exceptionEntries } from "../untrusted/refused";
import { fit, type Fitted, type Item, type Section } from "./fit";
import { inertReport } from "./inert-report";
import {
  allowanceWords,
  comparison,
  headline,
  KIND_SIGNS,
  KIND_WORDS,
  modeWords,
  plural,
  refusalWords,
  remarks,
  shownDifferences,
  sides,
  smallChange,
  stackNote,
  staleWords,
  timeWords,
  usd,
} from "./words";

/** Marks the one comment of a fleet that is updated in place. */
export function markerOf(fleet: string): string {
  return `<!-- drydock-preview ${fleet} -->`;
}

/** GitHub refuses longer comments. */
export const COMMENT_LIMIT = 65_536;

/** What a rendering links to and how long it may be. */
export interface MarkdownOptions {
  /**
   * Most bytes.
   * @default no limit
   */
  readonly limit?: number;
  /** Address of the whole report, for readers of a shortened one. */
  readonly fullReport?: string | undefined;
  /** Why the programs were not planned with credentials; the report is then the pull request's own rehearsal. */
  readonly refusals?: readonly Refusal[];
}

/** A change within its stack. */
export interface Placed {
  readonly stack: Pick<StackPreview, "name" | "charts">;
  readonly change: ResourcePreview;
}

/** Most entries for the file of allowed changes that a comment offers; a page has them all. */
const OFFERED = 50;

/** The report as Markdown: what needs eyes first, everything else folded. */
export function renderMarkdown(
  untrusted: PreviewReport,
  { limit = Number.POSITIVE_INFINITY, fullReport, refusals = [] }: MarkdownOptions = {},
): string {
  const report = inertReport(untrusted);
  const foot = (cut: boolean): string => {
    const link = fullReport === undefined ? "" : ` [The full report](${fullReport}) has everything.`;
    return cut ? `\n---\nThis is shortened, from the least dangerous end.${link}\n` : link === "" ? "" : `\n---\n${link.trim()}\n`;
  };
  const { text, cut }: Fitted = fit(sectionsOf(report, refusals), limit - Buffer.byteLength(foot(true)));
  return text + foot(cut);
}

function sectionsOf(report: PreviewReport, refusals: readonly Refusal[]): readonly Section[] {
  const placed = report.stacks.flatMap((stack) => stack.changes.map((change): Placed => ({ stack, change })));
  const of = (danger: ResourcePreview["danger"]) => placed.filter(({ change }) => change.danger === danger);
  const calm = of("none");
  const additions = calm.filter(({ change }) => change.kind === "create");
  const changes = calm.filter(({ change }) => change.kind !== "create");
  return [
    plain(head(report)),
    ...programSections(inertData(refusals)),
    ...refusalSections(report),
    listSection("\n### Stateful resources deleted or replaced\n\n", of("stateful").flatMap(resourceItems)),
    listSection("\n### Other deletes and replaces\n\n", of("destructive").flatMap(resourceItems)),
    listSection("\n### Steps before a loss\n\n", report.stacks.flatMap(stepItems)),
    listSection("\n### Besides resources\n\n", report.stacks.flatMap(otherItems)),
    allowanceSection(report),
    stackTable(report),
    listSection("\n### Failed plans\n\n", report.stacks.filter(({ status }) => status === "failed").map(failureItem)),
    listSection(
      "\n### Charts\n\n",
      report.stacks.flatMap(({ name, charts }) => charts.flatMap((chart) => chartItems(name, chart))),
    ),
    driftSection(report),
    folded(`${plural(changes.length, "change")} in place`, changes.flatMap(resourceItems)),
    plain(costLines(report)),
    folded(plural(additions.length, "addition"), additions.flatMap(resourceItems)),
  ];
}

function head(report: PreviewReport): string {
  const time = report.time.median === 0 ? "" : ` Applying takes ${timeWords(report.time)} on AWS, as predicted.`;
  return `${markerOf(report.fleet)}\n## Plan preview: ${headline(report)}\n\n**${modeWords(report).replace(/[:,]/, "**$&")}${time}\n\n${prose(comparison(report))}\n`;
}

/** What the base does not allow in the programs, and how it would. */
function programSections(refusals: readonly Refusal[]): readonly Section[] {
  if (refusals.length === 0) return [];
  const entries = exceptionEntries(refusals).slice(0, OFFERED);
  const offer =
    entries.length === 0
      ? ""
      : `\nTo allow it, merge entries into \`${EXCEPTIONS_FILE}\` first, each with its reason:\n\n${fenced(entries.join("\n"), "json")}\n`;
  return [
    plain(
      `\n### Not planned against the account\n\nThese programs hold what the base does not allow where there are credentials, and a deploy would refuse them. What follows is the pull request's own rehearsal of itself.\n`,
    ),
    listSection(
      "\n",
      refusals.map(({ stack, path, reason }) => same(`- ${code(`${stack}: ${path}`)} ${prose(reason)}\n`)),
    ),
    plain(offer),
  ];
}

function refusalSections({ guard }: PreviewReport): readonly Section[] {
  const { violations } = guard;
  if (violations.length === 0) return [];
  const offer =
    violations.length > OFFERED
      ? `\nEntries that would allow all of it are on the page of the report.\n`
      : `\nTo allow it, put this into \`${ALLOWED_FILE}\`, each with its reason:\n\n${fenced(entriesFor(guard), "json")}\n`;
  return [
    listSection(
      "\n### The guard refuses\n\n",
      violations.map((violation) => same(`- ${code(violation.address)} ${prose(refusalWords(violation))}\n`)),
    ),
    plain(offer),
  ];
}

function allowanceSection({ guard: { allowed, stale } }: PreviewReport): Section {
  return listSection("\n### Guard\n\n", [
    ...stale.map((entry) => same(`- ${code(entry.address)} ${prose(staleWords(entry))}\n`)),
    ...allowed.map((entry) => same(`- ${code(entry.address)} ${prose(allowanceWords(entry))}: ${code(entry.why)}\n`)),
  ]);
}

function stepItems({ name, steps }: StackPreview): readonly Item[] {
  return steps.map(({ address, path, what }) =>
    same(`- ${code(`${name}/${address}`)}${path === "" ? "" : ` ${code(path)}`}: ${prose(what)}\n`),
  );
}

function otherItems({ name, others }: StackPreview): readonly Item[] {
  return others
    .filter(({ kind }) => kind !== "output")
    .map(({ address, what }) => same(`- ${code(`${name}/${address}`)} ${prose(what)}\n`));
}

function stackTable({ stacks }: PreviewReport): Section {
  if (stacks.length === 0) return plain("\nNo stack's program differs.\n");
  const cell = (count: number): string => (count === 0 ? "" : String(count));
  const row = (stack: StackPreview): Item => {
    const { name, counts, time } = stack;
    const marks = stack.mode === "rehearsed" && stack.note !== "" && stack.status === "planned" ? "**rehearsed** " : "";
    return same(
      `| ${code(name)} | ${cell(counts.create)} | ${cell(counts.update)} | ${cell(counts.replace)} | ${cell(counts.delete)} | ${timeWords(time)} | ${marks}${prose(stackNote(stack))} |\n`,
    );
  };
  return {
    head: "\n### Stacks\n\n| Stack | Created | Changed | Replaced | Deleted | On AWS (90 %) | |\n| --- | ---: | ---: | ---: | ---: | --- | --- |\n",
    items: stacks.map(row),
    tail: "",
    more: (dropped) => `| and ${plural(dropped, "more stack")} | | | | | | |\n`,
  };
}

/** A resource's change as an item of a list, and its differences as details that go one by one. */
export function resourceItems({ stack, change }: Placed): readonly Item[] {
  const { construct, address, kind } = change;
  const shown = shownDifferences(change, stack);
  const small = smallChange(change, shown);
  const notes = [...(small === undefined ? [] : [code(small)]), ...remarks(change).map(prose)].join("; ");
  const line = `- **${KIND_SIGNS[kind]} ${KIND_WORDS[kind]}** ${code(`${stack.name}/${construct}`)} (${code(address)})${notes === "" ? "" : `: ${notes}`}\n`;
  return [same(line), ...shown.map((difference) => detail(`  - ${differenceWords(difference)}\n`))];
}

/** One difference in words. */
export function differenceWords(difference: Difference): string {
  const { before, after, note } = sides(difference);
  const values = [before, after].some((side) => side !== undefined) || note === "" ? valueWords(before, after, note) : prose(note);
  return `${code(difference.path)}${difference.forces ? " **forces the replacement**" : ""}: ${values}`;
}

function valueWords(before: string | undefined, after: string | undefined, note: string): string {
  const right = note === "" ? (after === undefined ? "nothing" : code(after)) : prose(note);
  return `${before === undefined ? "nothing" : code(before)} → ${right}`;
}

function failureItem({ name, note }: StackPreview): Item {
  return same(`- ${code(name)}: ${code(note)}\n`);
}

function chartItems(stack: string, chart: ChartPreview): readonly Item[] {
  const arrow = ({ before, after }: ChartPreview["version"]): string =>
    before === after ? code(after ?? "unknown") : `${code(before ?? "none")} → ${code(after ?? "none")}`;
  const { release, version, appVersion, values, newCrds, droppedCrds, manifests } = chart;
  const application = appVersion.before === undefined && appVersion.after === undefined ? "" : `, application ${arrow(appVersion)}`;
  const line = `- ${code(`${stack}/${release}`)}: chart ${code(chart.chart)} ${arrow(version)}${application}\n`;
  const crds = [
    ...(newCrds.length > 0 ? [`  - new definitions: ${newCrds.map(code).join(", ")}\n`] : []),
    ...(droppedCrds.length > 0 ? [`  - **dropped definitions**: ${droppedCrds.map(code).join(", ")}\n`] : []),
  ];
  const rendered =
    manifests.status === "not compared"
      ? `  - manifests were not compared: ${prose(manifests.because)}\n`
      : manifests.diff === ""
        ? "  - the rendered manifests are the same\n"
        : `\n  <details><summary>rendered manifests</summary>\n\n  ${fenced(manifests.diff).replaceAll("\n", "\n  ")}\n\n  </details>\n\n`;
  return [
    same(line),
    ...crds.map(detail),
    ...values.map((difference) => detail(`  - values ${differenceWords(difference)}\n`)),
    detail(rendered),
  ];
}

function driftSection({ stacks }: PreviewReport): Section {
  const items = stacks.flatMap(({ name, drift }) =>
    drift.map((change): Item => {
      const line = `- ${code(`${name}/${change.construct}`)} was ${KIND_WORDS[change.kind]} outside (${code(change.address)}); ${prose(change.reason ?? "")}\n`;
      return { line, full: line + change.differences.map((difference) => `  - ${differenceWords(difference)}\n`).join("") };
    }),
  );
  return listSection("\n### Changed outside of this change\n\n", items);
}

function costLines({ cost: { before, after, items } }: PreviewReport): string {
  if (items.length === 0) return "\nThe list-price cost stays the same.\n";
  const rows = items.map((item) => `${prose(item.what)} ${usd(item.after - item.before, true)}`).join(", ");
  return `\n**${usd(after - before, true)} a month** at list price (us-east-1, nodes at their minimum, without traffic and storage): ${rows}\n`;
}

function folded(summary: string, items: readonly Item[]): Section {
  if (items.length === 0) return plain("");
  return {
    head: `\n<details><summary>${summary}</summary>\n\n`,
    items,
    tail: "\n</details>\n",
    more: (dropped) => `- and ${dropped} more\n`,
  };
}

/** A titled list; nothing where it is empty. */
export function listSection(title: string, items: readonly Item[]): Section {
  if (items.length === 0) return plain("");
  return { head: title, items, tail: "", more: (dropped) => `- and ${dropped} more\n` };
}

/** A part that is always said whole. */
export function plain(text: string): Section {
  return { head: text, items: [], tail: "", more: () => "" };
}

function same(text: string): Item {
  return { full: text, line: text };
}

/** What is said of the item before it as long as there is room. */
export function detail(text: string): Item {
  return { full: text, line: "" };
}

/**
 * A value as code that can break out of nothing: no table, no list, no markup, no mention of a person.
 * As HTML, because within backticks nothing can be escaped.
 */
export function code(text: string): string {
  return `<code>${escapeText(text)}</code>`;
}

/** Running text that stays text: addresses, names after an at sign or a hash, and short names of pictures between colons. */
export function prose(text: string): string {
  return escapeText(text)
    .replace(/&#(?:64|35);/g, "$&&#8203;")
    .replace(/(?<!\barn:\S*|\barn):(?=[\w+-]+:)/g, ":&#8203;");
}

/** Text with everything that Markdown, HTML or GitHub could take for more than text written as an entity. */
export function escapeText(text: string): string {
  return settled(text).replace(SPECIAL, (character) => `&#${character.codePointAt(0) ?? 32};`);
}

/** What means something: markup, mentions, formulas, underscores at the edge of words, addresses, control characters. */
const SPECIAL = /[&<>|`*~$@#\\[^\p{Cc}]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|:(?=\/\/)|(?<=www)\./giu;

/** A block of code whose fence is longer than any within. Other line ends than our own would end its indentation. */
function fenced(text: string, language: "diff" | "json" = "diff"): string {
  const lines = inertLines(text);
  const longest = Math.max(2, ...[...lines.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${lines.trimEnd()}\n${fence}`;
}
