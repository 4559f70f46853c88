import type { ResourceFacts } from "../facts";
import { isList, isObject, Unknown, valuesAt, type ObjectValue, type Value } from "./values";

/** Something wrong with a configuration, in the provider's manner. */
export interface Finding {
  readonly path: string;
  readonly message: string;
}

/** Checks a configuration against enumerations, ranges and arguments that exclude or need each other. */
export function validateConfig(facts: ResourceFacts, config: ObjectValue): readonly Finding[] {
  return [...enumerations(facts, config), ...ranges(facts, config), ...combinations(facts, config)];
}

function enumerations({ enums = {} }: ResourceFacts, config: ObjectValue): Finding[] {
  return Object.entries(enums).flatMap(([path, allowed]) =>
    leaves(config, path)
      // A value in angle brackets stands for a form that the list cannot spell out.
      .filter((value) => !allowed.includes(value as string) && !allowed.some((entry) => String(entry).startsWith("<")))
      .map((value) => ({ path, message: `expected ${path} to be one of ${JSON.stringify(allowed)}, got ${String(value)}` })),
  );
}

function ranges({ ranges: declared = {} }: ResourceFacts, config: ObjectValue): Finding[] {
  return Object.entries(declared).flatMap(([path, range]) =>
    leaves(config, path).flatMap((value) =>
      within(value, range) ? [] : [{ path, message: `expected ${path} to be ${range}, got ${String(value)}` }],
    ),
  );
}

/** Understands `1..100`, `>=1`, `len 0..63` and `CIDR /16../28`; other forms are for people and pass. */
function within(value: string | number | boolean, range: string): boolean {
  const [, length, low, high] = /^(len )?(-?\d+)\.\.(-?\d+)$/.exec(range) ?? [];
  if (low !== undefined && high !== undefined) {
    const measured = length ? String(value).length : Number(value);
    return measured >= Number(low) && measured <= Number(high);
  }
  const [, least] = /^>=\s?(\d+)$/.exec(range) ?? [];
  if (least !== undefined) return Number(value) >= Number(least);
  const [, widest, narrowest] = /^CIDR \/(\d+)\.\.\/(\d+)$/.exec(range) ?? [];
  if (widest === undefined || narrowest === undefined) return true;
  const bits = Number(String(value).split("/")[1]);
  return bits >= Number(widest) && bits <= Number(narrowest);
}

function combinations(
  { conflictsWith = [], exactlyOneOf = [], atLeastOneOf = [], requiredWith = {} }: ResourceFacts,
  config: ObjectValue,
): Finding[] {
  const findings: Finding[] = [];
  for (const group of conflictsWith) {
    const set = group.filter((path) => given(config, path));
    if (set.length > 1) findings.push({ path: set[0] ?? "", message: set.join(" conflicts with ") });
  }
  for (const group of exactlyOneOf) {
    if (!parentGiven(config, group)) continue;
    const set = group.filter((path) => given(config, path));
    if (set.length !== 1)
      findings.push({
        path: group[0] ?? "",
        message: `exactly one of ${group.join(", ")} must be given, ${set.length === 0 ? "none is" : `${set.join(", ")} are`}`,
      });
  }
  for (const group of atLeastOneOf) {
    if (parentGiven(config, group) && !group.some((path) => given(config, path)))
      findings.push({ path: group[0] ?? "", message: `one of ${group.join(", ")} must be given` });
  }
  for (const [path, needed] of Object.entries(requiredWith)) {
    const missing = given(config, path) ? needed.filter((other) => !given(config, other)) : [];
    if (missing.length > 0) findings.push({ path, message: `${path} needs ${missing.join(", ")}` });
  }
  return findings;
}

/** A rule about arguments of a block holds only where the block is given. */
function parentGiven(config: ObjectValue, group: readonly string[]): boolean {
  const parent = (group[0] ?? "").split(".").slice(0, -1);
  return parent.length === 0 || valuesAt(config, parent).some((value) => isObject(value) || (isList(value) && value.length > 0));
}

function given(config: ObjectValue, path: string): boolean {
  return valuesAt(config, path.split(".")).some((value) => value !== null && value !== false && !(isList(value) && value.length === 0));
}

function leaves(config: ObjectValue, path: string): readonly (string | number | boolean)[] {
  const flatten = (value: Value): readonly Value[] => (isList(value) ? value.flatMap(flatten) : [value]);
  return valuesAt(config, path.split("."))
    .flatMap(flatten)
    .filter(
      (value): value is string | number | boolean => value !== null && value !== "" && !(value instanceof Unknown) && !isObject(value),
    );
}
