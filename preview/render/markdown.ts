import type { ChartPreview, Difference, PreviewReport, ResourcePreview, StackPreview } from "../report/model";
import { fit, type Fitted, type Item, type Section } from "./fit";
import { comparison, headline, KIND_SIGNS, KIND_WORDS, modeWords, plural, remarks, sides, stackNote, timeWords, usd } from "./words";

/** Marks the one comment that is updated in place. */
export const MARKER = "<!-- drydock-preview -->";

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
  readonly fullReport?: string;
}

/** A change within its stack. */
export interface Placed {
  readonly stack: string;
  readonly change: ResourcePreview;
}

/** The report as Markdown: what needs eyes first, everything else folded. */
export function renderMarkdown(report: PreviewReport, { limit = Number.POSITIVE_INFINITY, fullReport }: MarkdownOptions = {}): string {
  const foot = (cut: boolean): string => {
    const link = fullReport === undefined ? "" : ` [The full report](${fullReport}) has everything.`;
    return cut ? `\n---\nThis is shortened, from the least dangerous end.${link}\n` : link === "" ? "" : `\n---\n${link.trim()}\n`;
  };
  const { text, cut }: Fitted = fit(sectionsOf(report), limit - Buffer.byteLength(foot(true)));
  return text + foot(cut);
}

function sectionsOf(report: PreviewReport): readonly Section[] {
  const placed = report.stacks.flatMap(({ name: stack, changes }) => changes.map((change): Placed => ({ stack, change })));
  const of = (danger: ResourcePreview["danger"]) => placed.filter(({ change }) => change.danger === danger);
  const calm = of("none");
  const additions = calm.filter(({ change }) => change.kind === "create");
  const changes = calm.filter(({ change }) => change.kind !== "create");
  return [
    plain(head(report)),
    ...guardSections(report),
    listSection("\n### Stateful resources deleted or replaced\n\n", of("stateful").map(resourceItem)),
    listSection("\n### Other deletes and replaces\n\n", of("destructive").map(resourceItem)),
    stackTable(report),
    listSection("\n### Failed plans\n\n", report.stacks.filter(({ status }) => status === "failed").map(failureItem)),
    listSection(
      "\n### Charts\n\n",
      report.stacks.flatMap(({ name, charts }) => charts.map((chart) => chartItem(name, chart))),
    ),
    driftSection(report),
    folded(`${plural(changes.length, "change")} in place`, changes.map(resourceItem)),
    plain(costLines(report)),
    folded(plural(additions.length, "addition"), additions.map(resourceItem)),
  ];
}

function head(report: PreviewReport): string {
  const time = report.time.median === 0 ? "" : ` Applying takes ${timeWords(report.time)} on AWS, as predicted.`;
  return `${MARKER}\n## Plan preview: ${headline(report)}\n\n**${modeWords(report).replace(/[:,]/, "**$&")}${time}\n\n${prose(comparison(report))}\n`;
}

function guardSections({ guard: { violations, allowed, stale } }: PreviewReport): readonly Section[] {
  const entry = (address: string, words: string): Item => same(`- ${code(address)} ${words}\n`);
  return [
    listSection("\n### Guard\n\n", [
      ...violations.map(({ address, action }) => entry(address, `may not be ${action}d: no entry in \`allowed-changes.json\` allows it`)),
      ...stale.map(({ address, action }) =>
        entry(address, `(${action}) matches nothing any more: take it out of \`allowed-changes.json\``),
      ),
      ...allowed.map(({ address, action, why }) => entry(address, `may be ${action}d: ${code(why)}`)),
    ]),
  ];
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

/** A resource's change as an item of a list. */
export function resourceItem({ stack, change }: Placed): Item {
  const { construct, address, kind } = change;
  const notes = remarks(change).map(prose).join("; ");
  const line = `- **${KIND_SIGNS[kind]} ${KIND_WORDS[kind]}** ${code(`${stack}/${construct}`)} (${code(address)})${notes === "" ? "" : `: ${notes}`}\n`;
  // What forces a replacement is what a reviewer asks for first.
  const differences = [...change.differences].sort((a, b) => Number(b.forces) - Number(a.forces));
  return { line, full: line + differences.map((difference) => `  - ${differenceWords(difference)}\n`).join("") };
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

function chartItem(stack: string, chart: ChartPreview): Item {
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
  return { line, full: [line, ...crds, ...values.map((difference) => `  - values ${differenceWords(difference)}\n`), rendered].join("") };
}

function driftSection({ stacks }: PreviewReport): Section {
  const items = stacks.flatMap(({ name: stack, drift }) =>
    drift.map((change): Item => {
      const line = `- ${code(`${stack}/${change.construct}`)} was ${KIND_WORDS[change.kind]} outside (${code(change.address)}); ${prose(change.reason ?? "")}\n`;
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

/**
 * A value as code that can break out of nothing: no table, no list, no markup, no mention of a person.
 * As HTML, because within backticks nothing can be escaped.
 */
export function code(text: string): string {
  return `<code>${escapeText(text)}</code>`;
}

/** Running text that stays text, addresses and names after an at sign or a hash included. */
export function prose(text: string): string {
  return escapeText(text).replace(/&#(?:64|35);/g, "$&&#8203;");
}

/** Text with everything that Markdown, HTML or GitHub could take for more than text written as an entity. */
export function escapeText(text: string): string {
  return text.replace(/\r\n|[\r\n\u2028\u2029]/g, " ⏎ ").replace(SPECIAL, (character) => `&#${character.codePointAt(0) ?? 32};`);
}

/** What means something: markup, mentions, formulas, underscores at the edge of words, addresses, control characters. */
const SPECIAL = /[&<>|`*~$@#\\[^\p{Cc}]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|:(?=\/\/)|(?<=www)\./giu;

/** A block of code whose fence is longer than any within. Other line ends than our own would end its indentation. */
function fenced(text: string): string {
  const lines = text.replace(/\r\n?|[\u2028\u2029]/g, "\n").replace(/[^\P{Cc}\n\t]/gu, "");
  const longest = Math.max(2, ...[...lines.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}diff\n${lines.trimEnd()}\n${fence}`;
}
