import { insideSummary } from "./inside";
import type { RehearsalReport } from "./model";
import { plainTable } from "./table";
import { changes, duration, pathWords, predicted } from "./words";

/** The report for a terminal: what happened, what it would take on AWS, what was not proven. */
export function renderTerminal(report: RehearsalReport): string {
  const sections = report.clusters.map(({ cluster, steps, ok, fingerprint, faults }) => {
    const table = plainTable(
      [`${cluster}: ${ok ? "rehearsed" : "FAILED"}`, "Changes", "Here", "On AWS: median (90 %)"],
      steps.map((step) => [
        `${step.ok ? "ok" : "!!"}  ${step.title}`,
        changes(step.counts),
        duration(step.wallSeconds),
        predicted(step.prediction),
      ]),
    );
    const longest = steps.reduce(
      (a, b) => (b.prediction.median > a.prediction.median ? b : a),
      steps[0] ?? { title: "", prediction: { median: 0, p90: 0, path: [] } },
    );
    const problems = steps.flatMap((step) => step.problems.map((problem) => `  !! ${step.title}: ${problem}`));
    const inside = insideSummary(steps);
    const failed = faults.filter(({ converged }) => !converged);
    return [
      table,
      ...(longest.prediction.path.length > 0 ? [`  longest step: ${longest.title}; decided by ${pathWords(longest.prediction)}`] : []),
      ...(fingerprint === undefined ? [] : [`  fingerprint ${fingerprint.slice(0, 16)}`]),
      ...inside.facts.map((fact) => `  ${fact}`),
      ...inside.notes.map((note) => `  note: ${note}`),
      ...(faults.length > 0 ? [`  ${faults.length} faults staged, ${faults.length - failed.length} converged`] : []),
      ...failed.map(({ fault, problem, reproduce }) => `  !! ${fault}: ${problem}\n     again: ${reproduce}`),
      ...problems,
    ].join("\n");
  });
  return `${sections.join("\n\n")}\n\nNot proven by a rehearsal:\n${report.limits.map((limit) => `  - ${limit}`).join("\n")}\n`;
}
