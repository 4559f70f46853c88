import { parser } from "@prometheus-io/lezer-promql";

/** A metric that an expression asks for, with the labels that it picks by. */
export interface SelectedMetric {
  readonly name: string;
  readonly labels: readonly string[];
}

/**
 * The metrics of a PromQL expression, by Prometheus' own grammar.
 * @throws {Error} when it is no expression
 */
export function metricsOf(expression: string): readonly SelectedMetric[] {
  const found: { name: string; labels: string[] }[] = [];
  parser.parse(expression).iterate({
    enter({ type, from, to }) {
      if (type.isError) throw new Error(`${expression} is no PromQL at character ${from}.`);
      if (type.name === "Identifier") found.push({ name: expression.slice(from, to), labels: [] });
      if (type.name === "UnquotedLabelMatcher") found.at(-1)?.labels.push(/^\w+/.exec(expression.slice(from, to))?.[0] ?? "");
    },
  });
  return found;
}
