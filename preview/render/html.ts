import { escape, htmlPage } from "../../rehearsal/report/page";
import { ALLOWED_FILE, entriesFor } from "../guard";
import type { ChartPreview, Difference, PreviewReport, ResourcePreview, StackPreview } from "../report/model";
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
  TABLE_COUNTS,
  timeWords,
  usd,
} from "./words";

/** A change within its stack. */
interface Placed {
  readonly stack: StackPreview;
  readonly change: ResourcePreview;
}

/** The report as one page that needs no network and no script. */
export function renderHtml(untrusted: PreviewReport): string {
  const report = inertReport(untrusted);
  const placed = report.stacks.flatMap((stack) => stack.changes.map((change): Placed => ({ stack, change })));
  const of = (danger: ResourcePreview["danger"]) => placed.filter(({ change }) => change.danger === danger);
  const failed = report.stacks.filter(({ status }) => status === "failed");
  const charts = report.stacks.flatMap(({ name, charts: own }) => own.map((chart) => chartItem(name, chart)));
  const drift = report.stacks.flatMap((stack) => stack.drift.map((change): Placed => ({ stack, change })));
  return htmlPage(
    `Plan preview: ${headline(report)}`,
    [
      `<h1>Plan preview</h1>\n<p><strong>${escape(headline(report))}</strong></p>`,
      `<p class="soft">${escape(comparison(report))}; ${escape(report.at.slice(0, 16).replace("T", " "))} UTC. ${escape(modeWords(report))}</p>\n<main>`,
      refusalSection(report),
      section("Stateful resources deleted or replaced", of("stateful").map(openItem), "bad"),
      section("Other deletes and replaces", of("destructive").map(openItem)),
      section("Steps before a loss", report.stacks.flatMap(stepItems), "bad"),
      section("Besides resources", report.stacks.flatMap(otherItems)),
      allowanceSection(report),
      section(
        "Failed plans",
        failed.map(({ name, note }) => `<li><code>${escape(name)}</code>: ${escape(note)}</li>`),
        "bad",
      ),
      stackTable(report),
      section("Charts", charts),
      section(
        "Changed outside of this change",
        drift.map(({ stack, change }) => item({ stack, change }, true)),
      ),
      costSection(report),
      ...report.stacks.map(calmChanges),
      "</main>",
    ].join("\n"),
  );
}

function refusalSection({ guard }: PreviewReport): string {
  const { violations } = guard;
  if (violations.length === 0) return "";
  const items = violations.map((violation) => guardLine(violation.address, refusalWords(violation)));
  return `${section("The guard refuses", items, "bad")}\n<p>To allow it, put this into <code>${ALLOWED_FILE}</code>, each with its reason:</p>\n<div class="scroll"><pre>${escape(entriesFor(guard))}</pre></div>`;
}

function allowanceSection({ guard: { stale, allowed } }: PreviewReport): string {
  return section("Guard", [
    ...stale.map((entry) => guardLine(entry.address, staleWords(entry))),
    ...allowed.map((entry) => guardLine(entry.address, `${allowanceWords(entry)}: ${entry.why}`)),
  ]);
}

function guardLine(address: string, words: string): string {
  return `<li><code>${escape(address)}</code> ${escape(words)}</li>`;
}

function stepItems({ name, steps }: StackPreview): readonly string[] {
  return steps.map(
    ({ address, path, what }) =>
      `<li><code>${escape(`${name}/${address}`)}</code>${path === "" ? "" : ` <code>${escape(path)}</code>`}: ${escape(what)}</li>`,
  );
}

function otherItems({ name, others }: StackPreview): readonly string[] {
  return others.filter(({ kind }) => kind !== "output").map(({ address, what }) => guardLine(`${name}/${address}`, what));
}

function section(title: string, items: readonly string[], tone = ""): string {
  if (items.length === 0) return "";
  const id = title.toLowerCase().replaceAll(" ", "-");
  return `<section aria-labelledby="${id}">\n<h2 id="${id}" class="${tone}">${escape(title)}</h2>\n<ul>${items.join("\n")}</ul>\n</section>`;
}

function openItem(placed: Placed): string {
  return item(placed, true);
}

function item({ stack, change }: Placed, open: boolean): string {
  const shown = shownDifferences(change, stack);
  const notes = [smallChange(change, shown) ?? "", ...remarks(change)].filter((note) => note !== "");
  const tone = change.danger === "none" ? "" : "bad";
  const title = `<strong class="${tone}">${KIND_SIGNS[change.kind]} ${KIND_WORDS[change.kind]}</strong> <code>${escape(`${stack.name}/${change.construct}`)}</code>${notes.length > 0 ? `: ${escape(notes.join("; "))}` : ""}`;
  const address = `<span class="soft"><code>${escape(change.address)}</code></span>`;
  if (shown.length === 0) return `<li>${title} ${address}</li>`;
  return `<li><details${open ? " open" : ""}><summary>${title}</summary>${address}${differenceTable(shown)}</details></li>`;
}

function differenceTable(differences: readonly Difference[]): string {
  const rows = differences.map((difference) => {
    const { before, after, note } = sides(difference);
    const cell = (value: string | undefined) =>
      value === undefined ? '<td class="soft">-</td>' : `<td><code>${escape(value)}</code></td>`;
    const forces = difference.forces ? ' <strong class="bad">forces the replacement</strong>' : "";
    return `<tr><td><code>${escape(difference.path)}</code>${forces}</td>${cell(before)}${note === "" ? cell(after) : `<td class="soft">${escape(note)}</td>`}</tr>`;
  });
  return `<div class="scroll"><table><thead><tr><th>Attribute</th><th>Before</th><th>After</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

function stackTable({ stacks, time }: PreviewReport): string {
  if (stacks.length === 0) return "<p>No stack's program differs.</p>";
  const cell = (count: number) => `<td class="number">${count === 0 ? "" : count}</td>`;
  const rows = stacks.map((stack) => {
    const { name, counts } = stack;
    const mark = stack.mode === "rehearsed" && stack.note !== "" && stack.status === "planned" ? "<strong>rehearsed</strong> " : "";
    return `<tr><td><code>${escape(name)}</code></td>${TABLE_COUNTS.map((kind) => cell(counts[kind])).join("")}<td class="number">${timeWords(stack.time)}</td><td>${mark}${escape(stackNote(stack))}</td></tr>`;
  });
  const total =
    time.median === 0 ? "" : `<p class="soft">Applying takes ${timeWords(time)} on AWS, as predicted: median and 90th percentile.</p>`;
  return `<section aria-labelledby="stacks">\n<h2 id="stacks">Stacks</h2>\n${total}<div class="scroll"><table><thead><tr><th>Stack</th><th>Created</th><th>Changed</th><th>Replaced</th><th>Deleted</th><th>On AWS (90&nbsp;%)</th><th></th></tr></thead><tbody>${rows.join("")}</tbody></table></div>\n</section>`;
}

function calmChanges(stack: StackPreview): string {
  const calm = stack.changes.filter(({ danger }) => danger === "none");
  if (calm.length === 0) return "";
  return `<details><summary><code>${escape(stack.name)}</code>: ${plural(calm.length, "change")} that delete nothing</summary><ul>${calm.map((change) => item({ stack, change }, false)).join("\n")}</ul></details>`;
}

function chartItem(stack: string, chart: ChartPreview): string {
  const { release, version, appVersion, values, newCrds, droppedCrds, manifests } = chart;
  const arrow = ({ before, after }: ChartPreview["version"]) =>
    before === after ? (after ?? "unknown") : `${before ?? "none"} → ${after ?? "none"}`;
  const application = appVersion.before === undefined && appVersion.after === undefined ? "" : `, application ${arrow(appVersion)}`;
  const rendered =
    manifests.status === "not compared"
      ? `<p class="soft">Manifests were not compared: ${escape(manifests.because)}</p>`
      : manifests.diff === ""
        ? '<p class="soft">The rendered manifests are the same.</p>'
        : `<details><summary>rendered manifests</summary><div class="scroll"><pre>${escape(manifests.diff)}</pre></div></details>`;
  return [
    `<li><code>${escape(`${stack}/${release}`)}</code>: chart ${escape(chart.chart)} ${escape(arrow(version))}${escape(application)}`,
    newCrds.length > 0 ? `<p>New definitions: ${escape(newCrds.join(", "))}</p>` : "",
    droppedCrds.length > 0 ? `<p class="bad">Dropped definitions: ${escape(droppedCrds.join(", "))}</p>` : "",
    values.length > 0 ? differenceTable(values) : "",
    `${rendered}</li>`,
  ].join("");
}

function costSection({ cost: { before, after, items } }: PreviewReport): string {
  if (items.length === 0) return '<p class="soft">The list-price cost stays the same.</p>';
  const rows = items.map(
    ({ what, before: old, after: now }) =>
      `<tr><td>${escape(what)}</td><td class="number">${usd(old)}</td><td class="number">${usd(now)}</td><td class="number">${usd(now - old, true)}</td></tr>`,
  );
  return `<section aria-labelledby="cost">\n<h2 id="cost">Cost a month: ${usd(after - before, true)}</h2>\n<p class="soft">At list price in us-east-1, nodes at their minimum, without traffic and storage.</p>\n<div class="scroll"><table><thead><tr><th></th><th>Before</th><th>After</th><th>Difference</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>\n</section>`;
}
