import type { StepReport } from "../life-cycle";
import { insideSummary } from "./inside";
import type { ClusterReport, RehearsalReport } from "./model";
import { escape, htmlPage } from "./page";
import { changes, duration, pathWords, predicted } from "./words";

/** The report as one page that needs no network: no script, no font, no picture from elsewhere. */
export function renderHtml(report: RehearsalReport): string {
  const title = `Rehearsal: ${report.ok ? "passed" : "failed"}`;
  return htmlPage(
    title,
    `<h1>Rehearsal <span class="${report.ok ? "ok" : "bad"}">${report.ok ? "passed" : "failed"}</span></h1>
<p class="soft">${escape(report.at.slice(0, 16).replace("T", " "))} UTC, Terraform ${escape(report.terraform)}; AWS was played by the stand-in. Durations on AWS are predictions.</p>
<main>
${report.clusters.map(clusterSection).join("\n")}
<h2>What a rehearsal cannot know</h2>
<ul>${report.limits.map((limit) => `<li>${escape(limit)}</li>`).join("")}</ul>
</main>`,
  );
}

function clusterSection({ cluster, ok, steps, fingerprint, excluded, faults }: ClusterReport): string {
  const problems = steps.flatMap((step) => step.problems.map((problem) => `<li>${escape(step.title)}: ${escape(problem)}</li>`));
  const failed = faults.filter(({ converged }) => !converged);
  return `<section aria-labelledby="${escape(cluster)}">
<h2 id="${escape(cluster)}">${escape(cluster)} <span class="${ok ? "ok" : "bad"}">${ok ? "passed" : "failed"}</span></h2>
${problems.length > 0 ? `<ul class="bad">${problems.join("")}</ul>` : ""}
<div class="scroll"><table>
<thead><tr><th>Step</th><th>Changes</th><th>Here</th><th>On AWS (90&nbsp;%)</th></tr></thead>
<tbody>${steps.map(stepRow).join("")}</tbody>
</table></div>
${steps
  .filter(({ stacks }) => stacks.length > 0)
  .map(timeline)
  .join("\n")}
${insideSection(steps)}
${faults.length > 0 ? `<h3>Faults</h3><p>${faults.length} staged, ${faults.length - failed.length} converged with the next plain run.</p>` : ""}
${failed.length > 0 ? `<ul class="bad">${failed.map(({ fault, problem, reproduce }) => `<li>${escape(fault)}: ${escape(problem)}<br><code>${escape(reproduce)}</code></li>`).join("")}</ul>` : ""}
${
  fingerprint === undefined
    ? ""
    : `<p class="soft">Fingerprint <code>${fingerprint}</code></p>
<details><summary>${excluded.length} attributes are not in the fingerprint, because AWS makes them anew for each object</summary><ul>${excluded.map((path) => `<li><code>${escape(path)}</code></li>`).join("")}</ul></details>`
}
</section>`;
}

function insideSection(steps: readonly StepReport[]): string {
  const { facts, notes } = insideSummary(steps);
  if (facts.length === 0) return "";
  const releases = steps.flatMap(({ kubernetes }) => kubernetes?.clusters ?? []).at(0)?.releases ?? [];
  const rows = releases.map(
    ({ name, namespace, chart, version, seconds }) =>
      `<tr><td>${escape(name)}</td><td>${escape(namespace)}</td><td>${escape(`${chart} ${version}`)}</td><td class="number">${seconds.toFixed(1)} s</td></tr>`,
  );
  return `<h3>Inside Kubernetes</h3><ul>${[...facts, ...notes].map((text) => `<li>${escape(text)}</li>`).join("")}</ul>
<details><summary>Releases, in the order in which they were installed</summary>
<div class="scroll"><table><thead><tr><th>Release</th><th>Namespace</th><th>Chart</th><th>Here</th></tr></thead><tbody>${rows.join("")}</tbody></table></div></details>`;
}

function stepRow({ ok, title, counts, wallSeconds, prediction }: StepReport): string {
  return `<tr><td><span class="${ok ? "ok" : "bad"}">${ok ? "✓" : "✗"}</span> ${escape(title)}</td><td class="number">${changes(counts)}</td><td class="number">${duration(wallSeconds)}</td><td class="number">${predicted(prediction)}</td></tr>`;
}

const ROW = 22;
const LABELS = 190;
const WIDTH = 900;

/** When each stack ran within a step. */
function timeline({ title, stacks, wallSeconds, prediction }: StepReport): string {
  const scale = (seconds: number) => LABELS + (seconds / Math.max(wallSeconds, 0.1)) * (WIDTH - LABELS - 60);
  const bars = stacks.map(({ name, startedAt, seconds, status, counts }, index) => {
    const y = index * ROW + 4;
    const x = scale(startedAt);
    const width = Math.max(2, scale(startedAt + seconds) - x);
    return `<text x="0" y="${y + 12}">${escape(name)}</text><rect class="${status === "failed" ? "failed" : "bar"}" x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 8}" rx="2"><title>${escape(name)}: ${seconds.toFixed(1)} s, ${changes(counts)}</title></rect><text x="${(x + width + 4).toFixed(1)}" y="${y + 12}">${seconds.toFixed(1)} s</text>`;
  });
  return `<details><summary>${escape(title)}: what decides its time, and when each stack ran</summary>
${prediction.path.length === 0 ? "" : `<p class="soft">On AWS: ${escape(pathWords(prediction))}</p>`}
<div class="scroll"><svg viewBox="0 0 ${WIDTH} ${stacks.length * ROW + 4}" role="img" aria-label="${escape(`${title}: ${stacks.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`).join(", ")}`)}" style="min-width:34rem">${bars.join("")}</svg></div></details>`;
}
