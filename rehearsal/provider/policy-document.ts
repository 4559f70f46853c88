import { crc32 } from "node:zlib";
import { elements, isObject, nonEmpty, textOf, type ObjectValue, type Value } from "./values";

/** What the data source `aws_iam_policy_document` answers. */
export interface PolicyDocument {
  readonly json: string;
  readonly minified_json: string;
  readonly id: string;
}

/**
 * Renders statements as the provider does: keys in its order, several actions and resources in descending order, one
 * as a plain string, conditions sorted by key, `&{` as `${`, and Go's escaping of `<`, `>` and `&`.
 *
 * @see facts/providers/aws/data.aws_iam_policy_document.json
 */
export function renderPolicyDocument(config: ObjectValue): PolicyDocument {
  const statements = blocks(config["statement"]).map(statement);
  const document = {
    Version: nonEmpty(config["version"]) ?? "2012-10-17",
    ...(nonEmpty(config["policy_id"]) === undefined ? {} : { Id: config["policy_id"] }),
    ...(statements.length > 0 ? { Statement: statements } : {}),
  };
  const json = goEscape(JSON.stringify(document, null, 2));
  return { json, minified_json: goEscape(JSON.stringify(document)), id: String(crc32(json)) };
}

function statement(block: ObjectValue): object {
  const entries: readonly (readonly [string, unknown])[] = [
    ["Sid", nonEmpty(block["sid"])],
    ["Effect", nonEmpty(block["effect"]) ?? "Allow"],
    ["Action", oneOrMany(strings(block["actions"]))],
    ["NotAction", oneOrMany(strings(block["not_actions"]))],
    ["Resource", oneOrMany(strings(block["resources"]).map(variables))],
    ["NotResource", oneOrMany(strings(block["not_resources"]).map(variables))],
    ["Principal", principals(blocks(block["principals"]))],
    ["NotPrincipal", principals(blocks(block["not_principals"]))],
    ["Condition", conditions(blocks(block["condition"]))],
  ];
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function principals(given: readonly ObjectValue[]): unknown {
  if (given.length === 0) return undefined;
  const [only] = given;
  if (given.length === 1 && only?.["type"] === "*" && strings(only["identifiers"]).join() === "*") return "*";
  const byType = new Map<string, string[]>();
  for (const { type, identifiers } of given) {
    const descending = [...new Set(strings(identifiers).map(variables))].sort().reverse();
    byType.set(textOf(type), [...(byType.get(textOf(type)) ?? []), ...descending]);
  }
  return sorted([...byType].map(([type, ids]) => [type, ids.length === 1 ? ids[0] : ids]));
}

function conditions(given: readonly ObjectValue[]): unknown {
  if (given.length === 0) return undefined;
  const byTest = new Map<string, Map<string, string[]>>();
  for (const { test, variable, values } of given) {
    const byVariable = byTest.get(textOf(test)) ?? new Map<string, string[]>();
    byTest.set(
      textOf(test),
      byVariable.set(textOf(variable), [...(byVariable.get(textOf(variable)) ?? []), ...strings(values).map(variables)]),
    );
  }
  return sorted(
    [...byTest].map(([test, byVariable]) => [
      test,
      sorted([...byVariable].map(([variable, values]) => [variable, values.length === 1 ? values[0] : values])),
    ]),
  );
}

function sorted(entries: readonly (readonly [string, unknown])[]): object {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function oneOrMany(values: readonly string[]): string | readonly string[] | undefined {
  const unique = [...new Set(values)].sort().reverse();
  return unique.length === 0 ? undefined : unique.length === 1 ? unique[0] : unique;
}

function variables(value: string): string {
  return value.replaceAll("&{", "${");
}

function goEscape(json: string): string {
  return json.replaceAll("&", "\\u0026").replaceAll("<", "\\u003c").replaceAll(">", "\\u003e");
}

function blocks(value: Value | undefined): readonly ObjectValue[] {
  return elements(value).filter(isObject);
}

function strings(value: Value | undefined): readonly string[] {
  return elements(value).filter((item) => typeof item === "string");
}
