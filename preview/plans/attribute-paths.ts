import { isObject } from "../../config/objects";
import { embedded, maskAt, type Mask } from "../redaction/structure";

/** How the elements of one list are told apart. */
export interface ListIdentity {
  /** Attributes that elements which belong together have in common. */
  readonly by: readonly string[];
  /** Values without which an element does not count. */
  readonly only?: Readonly<Record<string, unknown>>;
}

/** A value that a pattern leads to. */
export interface Found {
  /** Where it is, such as `rule[0].expiration[0].days`. */
  readonly path: string;
  /** Equal for values on both sides of a change that belong together. */
  readonly group: string;
  /** Undefined where the path ends before. */
  readonly value: unknown;
}

/** Stands in {@link plannedValues} for what the provider fills in by itself. */
export const COMPUTED: unique symbol = Symbol("known after apply");

/** Group of a list element whose `by` is empty: it holds for all others too. */
export const EVERYWHERE = "/";

type Lists = Readonly<Record<string, ListIdentity | undefined>>;

interface Place {
  readonly path: string;
  readonly group: string;
  /** The path without indexes, by which lists are named. */
  readonly plain: string;
}

/**
 * Values that a pattern leads to, through blocks, lists and text that holds JSON or YAML.
 * @param pattern names with dots between them; `*` is any name, `**` any number of names, `\.` a dot within a name
 * @param lists lists with many elements, by path; in others the elements are taken together
 * @returns nothing where a named entry or a list element is not there; an undefined value where only an attribute is not
 */
export function valuesAt(root: unknown, pattern: string, lists: Lists = {}): readonly Found[] {
  return walk(root, stepsOf(pattern), { path: "", group: "", plain: "" }, lists);
}

/** Names of a path; see {@link valuesAt}. */
export function stepsOf(pattern: string): readonly string[] {
  return pattern.split(/(?<!\\)\./).map((step) => step.replaceAll("\\.", "."));
}

/**
 * Attributes as they will be. What is unknown until the apply is the program's expression, or {@link COMPUTED} where
 * the program leaves it to the provider.
 */
export function plannedValues(after: unknown, unknown: Mask, given: unknown): unknown {
  if (unknown === true) return given ?? COMPUTED;
  if (typeof unknown !== "object" || unknown === null) return after;
  if (Array.isArray(after)) return after.map((item, index) => plannedValues(item, maskAt(unknown, index), elementOf(given, index)));
  const known = isObject(after) ? after : {};
  const names = new Set([...Object.keys(known), ...Object.keys(unknown)]);
  const block = isObject(given) ? given : {};
  return Object.fromEntries([...names].map((name) => [name, plannedValues(known[name], maskAt(unknown, name), block[name])]));
}

function walk(raw: unknown, steps: readonly string[], at: Place, lists: Lists): readonly Found[] {
  const [step, ...rest] = steps;
  const value = typeof raw === "string" && step !== undefined ? (embedded(raw) ?? raw) : raw;
  if (Array.isArray(value)) return walkList(value, steps, at, lists);
  if (step === undefined || value === COMPUTED || isReference(value)) return [{ path: at.path, group: at.group, value }];
  const entries = isObject(value) ? Object.entries(value) : [];
  if (step === "*") return entries.flatMap(([name, inner]) => walk(inner, rest, named(at, name), lists));
  if (step === "**") {
    const here = entries.some(([name]) => name === rest[0]) ? walk(value, rest, at, lists) : [];
    const containers = entries.filter(([, inner]) => typeof inner === "object" || (typeof inner === "string" && embedded(inner)));
    return [...here, ...containers.flatMap(([name, inner]) => walk(inner, steps, named(at, name), lists))];
  }
  return walk(isObject(value) ? value[step] : undefined, rest, inside(at, step), lists);
}

function walkList(list: readonly unknown[], steps: readonly string[], at: Place, lists: Lists): readonly Found[] {
  const element = (index: number, identity?: string): Place => ({
    ...at,
    path: `${at.path}[${index}]`,
    group: identity === undefined ? at.group : `${at.group}/${identity}`,
  });
  if (steps[0] === "**") return list.flatMap((item, index) => walk(item, steps, element(index, nameOf(item) ?? String(index)), lists));
  const told = lists[at.plain];
  if (told)
    return list.flatMap((item, index) => (counts(item, told) ? walk(item, steps, element(index, identityOf(item, told)), lists) : []));
  return list.length === 0 ? walk(undefined, steps, at, lists) : list.flatMap((item, index) => walk(item, steps, element(index), lists));
}

function inside({ path, group, plain }: Place, step: string): Place {
  return { path: path === "" ? step : `${path}.${step}`, group, plain: plain === "" ? step : `${plain}.${step}` };
}

function named(at: Place, name: string): Place {
  return { ...inside(at, name), group: `${at.group}/${name}` };
}

function nameOf(item: unknown): string | undefined {
  return isObject(item) && typeof item["name"] === "string" ? item["name"] : undefined;
}

function counts(item: unknown, { only = {} }: ListIdentity): boolean {
  return Object.entries(only).every(([name, value]) => valuesAt(item, name)[0]?.value === value);
}

/** The same text for elements that differ only in the ways in which providers write nothing, or order a set. */
function identityOf(item: unknown, { by }: ListIdentity): string {
  const parts = by.map((name) => tidy(valuesAt(item, name).map(({ value }) => value)));
  return parts.every((part) => part === undefined) ? "" : JSON.stringify(parts);
}

function tidy(value: unknown): unknown {
  if (value === COMPUTED || value === null || value === "" || value === 0) return undefined;
  if (Array.isArray(value)) {
    const items = value.flatMap((item) => tidy(item) ?? []).sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b), "en"));
    return items.length > 1 ? items : items[0];
  }
  if (!isObject(value)) return value;
  const entries = Object.keys(value)
    .sort()
    .map((name) => [name, tidy(value[name])] as const)
    .filter(([, inner]) => inner !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Whether a value of {@link plannedValues} is an expression of the program that nobody knows the value of yet. */
export function isReference(value: unknown): value is string {
  return typeof value === "string" && value.includes("${");
}

function elementOf(block: unknown, index: number): unknown {
  if (Array.isArray(block)) return (block as readonly unknown[])[index];
  return index === 0 ? block : undefined;
}
