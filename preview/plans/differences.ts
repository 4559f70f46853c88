import { isDeepStrictEqual } from "node:util";
import { isObject } from "../../config/objects";
import type { ResourceChange } from "../../terraform/plan-json";
import { embedded, holdsSecret, isMasked, maskAt, withoutSecrets, type Mask } from "../redaction/structure";
import type { Secrets } from "../redaction/secrets";
import type { Difference } from "../report/model";
import type { Digests, ValueDigest } from "./digests";
import { excerpts } from "./excerpts";

/** Stands for a secret that is known only after the apply. */
const UNKNOWN_SECRET = "known after apply";

/** Whether a difference is to a value that is known only after the apply. */
export function isUnknown({ kind, after }: Pick<Difference, "kind" | "after">): boolean {
  return kind === "unknown" || (kind === "secret" && after === UNKNOWN_SECRET);
}

/** How the two sides of a value are to be read. */
interface Side {
  readonly value: unknown;
  readonly secret: Mask;
}

/** What a comparison collects. */
interface Findings {
  readonly differences: Difference[];
  unknowns: number;
}

/** What {@link differencesOf} needs to know besides the change. */
export interface Context {
  readonly secrets: Secrets;
  /** Arguments that the program gives, by name; what else is unknown is only noise. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly digests: Digests;
  /** Address of the resource, which digests are bound to. */
  readonly address: string;
}

/** Attributes in which the two sides of a change differ, noise folded into a number. */
export function differencesOf(change: ResourceChange["change"], context: Context): Readonly<Findings> {
  const findings: Findings = { differences: [], unknowns: 0 };
  const { before, after, after_unknown: unknown, before_sensitive: secretBefore, after_sensitive: secretAfter } = change;
  const forcing = (change.replace_paths ?? []).map((path) => path.reduce<string>(pathTo, ""));
  compare(
    "",
    { value: before ?? undefined, secret: secretBefore },
    { value: after ?? undefined, secret: secretAfter },
    unknown,
    findings,
    context,
  );
  const shown = withoutEchoes(findings.differences).map((difference) => ({
    ...difference,
    forces: forcing.some(
      (path) => difference.path === path || difference.path.startsWith(`${path}.`) || difference.path.startsWith(`${path}[`),
    ),
  }));
  // Terraform names a forcing path that shows no difference when it lies within a set.
  const unseen = forcing.filter((path) => !shown.some((difference) => difference.forces && difference.path.startsWith(path)));
  return {
    ...findings,
    differences: [...shown, ...unseen.map((path): Difference => ({ path, kind: "unknown", forces: true }))],
  };
}

function compare(path: string, before: Side, after: Side, unknown: Mask, findings: Findings, context: Context): void {
  if (unknown === true) {
    foundUnknown(path, before, after, findings, context);
    return;
  }
  if (before.secret === true || after.secret === true) {
    if (!isDeepStrictEqual(present(before.value), present(after.value)) || isMasked(unknown))
      secretDiffers(path, after.value, unknown, findings, context);
    return;
  }
  const [left, right] = [unpacked(before.value), unpacked(after.value)];
  if (Array.isArray(left) || Array.isArray(right)) {
    compareLists(path, { ...before, value: left }, { ...after, value: right }, unknown, findings, context);
  } else if (isObject(left) || isObject(right)) {
    const [a, b] = [isObject(left) ? left : {}, isObject(right) ? right : {}];
    const masked = typeof unknown === "object" && unknown !== null ? Object.keys(unknown) : [];
    for (const key of new Set([...Object.keys(a), ...Object.keys(b), ...masked])) {
      const secret = holdsSecret(a, key) || holdsSecret(b, key);
      const side = (object: Readonly<Record<string, unknown>>, mask: Mask): Side => ({
        value: ownValue(object, key),
        secret: secret || maskAt(mask, key),
      });
      compare(pathTo(path, key), side(a, before.secret), side(b, after.secret), maskAt(unknown, key), findings, context);
    }
  } else if (!isDeepStrictEqual(present(left), present(right))) {
    findings.differences.push(changed(path, left, right, context));
  }
}

function secretDiffers(path: string, after: unknown, unknown: Mask, findings: Findings, context: Context): void {
  const known = isMasked(unknown) ? {} : context.digests.of(place(path, context), present(after), true);
  // What is known only after the apply says so, so that it is not taken for a value that nobody may compare.
  findings.differences.push({ path, kind: "secret", ...(isMasked(unknown) ? { after: UNKNOWN_SECRET } : {}), ...known, forces: false });
}

/** Two values that differ, each as far as it may be shown. */
function changed(path: string, left: unknown, right: unknown, context: Context): Difference {
  const [before, after] = [text(left, context), text(right, context)];
  const digest = context.digests.of(place(path, context), present(right), after.hidden);
  // They differ within what is hidden.
  if (before.text === after.text) return { path, kind: "secret", ...digest, forces: false };
  const shown = excerpts(before.text, after.text);
  return {
    path,
    kind: "changed",
    ...(shown.before === undefined ? {} : { before: shown.before }),
    ...(shown.after === undefined ? {} : { after: shown.after }),
    ...digest,
    forces: false,
  };
}

function place(path: string, { address }: Context): string {
  return `${address}\0${path}`;
}

function compareLists(path: string, before: Side, after: Side, unknown: Mask, findings: Findings, context: Context): void {
  const [a, b] = [listOf(before.value), listOf(after.value)];
  const plain = !isMasked(before.secret) && !isMasked(after.secret) && !isMasked(unknown);
  if (plain && sameElements(a, b)) {
    if (!isDeepStrictEqual(a, b)) {
      const shown = text(b, context);
      const digest = context.digests.of(place(path, context), sorted(b), shown.hidden);
      findings.differences.push({ path, kind: "reordered", before: text(a, context).text, after: shown.text, ...digest, forces: false });
    }
    return;
  }
  if (plain && [...a, ...b].every((item) => typeof item !== "object" && embeddedIn(item) === undefined)) {
    findings.differences.push(changed(path, before.value, after.value, context));
    return;
  }
  for (const [i, j] of paired(a, b, Array.isArray(unknown) ? unknown.length : 0)) {
    const side = (list: readonly unknown[], at: number | undefined, mask: Mask): Side =>
      at === undefined ? { value: undefined, secret: undefined } : { value: list[at], secret: maskAt(mask, at) };
    const mask = j === undefined ? undefined : maskAt(unknown, j);
    compare(pathTo(path, j ?? i ?? 0), side(a, i, before.secret), side(b, j, after.secret), mask, findings, context);
  }
}

/** Longest list whose elements are paired by what they have in common; that takes the square of its length. */
const PAIRED = 64;

/**
 * Indexes of elements that belong together. Terraform lists sets in an order of its own, so that the same index says
 * nothing: what has most in common is compared.
 */
function paired(a: readonly unknown[], b: readonly unknown[], unknowns: number): (readonly [number | undefined, number | undefined])[] {
  const right = new Set(Array.from({ length: Math.max(b.length, unknowns) }, (_, index) => index));
  const byLikeness = a.length <= PAIRED && right.size <= PAIRED;
  const pairs = a.map((item, i): readonly [number, number | undefined] => {
    const candidates = [...right].map((j) => ({ j, score: byLikeness ? likeness(item, b[j]) * 2 + Number(i === j) : Number(i === j) }));
    const best = candidates.reduce<(typeof candidates)[number] | undefined>((x, y) => (x && x.score >= y.score ? x : y), undefined);
    if (!best || (!byLikeness && best.score === 0)) return [i, undefined];
    right.delete(best.j);
    return [i, best.j];
  });
  return [...pairs, ...[...right].map((j) => [undefined, j] as const)];
}

/** Number of equal parts of two elements. */
function likeness(a: unknown, b: unknown): number {
  if (isDeepStrictEqual(a, b)) return 1000;
  if (!isObject(a) || !isObject(b)) return 0;
  return Object.keys(a).filter((key) => present(a[key]) !== undefined && isDeepStrictEqual(a[key], b[key])).length;
}

function foundUnknown(path: string, before: Side, after: Side, findings: Findings, context: Context): void {
  const { secrets, given } = context;
  const [top = ""] = path.split(/[.[]/);
  const expression = Object.hasOwn(given, top) ? referenceIn(given[top]) : undefined;
  if (!Object.hasOwn(given, top)) {
    findings.unknowns += 1;
    return;
  }
  if (isMasked(before.secret) || isMasked(after.secret)) {
    findings.differences.push({ path, kind: "secret", after: UNKNOWN_SECRET, forces: false });
    return;
  }
  const old = text(before.value, context).text;
  findings.differences.push({
    path,
    kind: "unknown",
    ...(old === undefined ? {} : { before: excerpts(old, undefined).before }),
    ...(expression === undefined ? {} : { after: secrets.redact(expression) }),
    forces: false,
  });
}

/** The reference that a value will come from, where the argument is nothing else. */
function referenceIn(argument: unknown): string | undefined {
  const [, expression] = typeof argument === "string" ? (/^\$\{([^{}]+)\}$/.exec(argument) ?? []) : [];
  return expression;
}

/** The provider repeats `tags` in `tags_all`; once is enough. */
function withoutEchoes(differences: readonly Difference[]): readonly Difference[] {
  const paths = new Set(differences.map(({ path }) => path));
  return differences.filter(({ path }) => !(path.startsWith("tags_all") && paths.has(path.replace("tags_all", "tags"))));
}

/** A value as text, redacted, and whether anything of it is hidden; no text for nothing. */
function text(value: unknown, { secrets }: Context): { readonly text: string | undefined; readonly hidden: boolean } {
  if (present(value) === undefined) return { text: undefined, hidden: false };
  const whole = typeof value === "string" ? value : JSON.stringify(value);
  const shown = typeof value === "string" ? secrets.redactProse(value) : secrets.redact(JSON.stringify(withoutSecrets(value)));
  return { text: shown, hidden: shown !== whole };
}

/**
 * How the value that a plan leaves alone compares with a reviewed difference of the same path.
 * @param path as {@link differencesOf} writes it
 * @returns undefined where the path leads nowhere
 */
export function standingAt(attributes: unknown, path: string, order: "as listed" | "sorted", context: Context): ValueDigest | undefined {
  const value = stepsOf(path).reduce<unknown>((inner, step) => {
    const whole = unpacked(inner);
    return typeof whole === "object" && whole !== null ? ownValue(whole as Readonly<Record<string | number, unknown>>, step) : undefined;
  }, attributes);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return undefined;
  const known = order === "sorted" ? sorted(listOf(value)) : present(value);
  const { hidden } = text(value, context);
  return context.digests.of(place(path, context), known, hidden);
}

/** Steps of a path that this file wrote: names, and indexes of lists. */
export function stepsOf(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|(?:^|\.)([^.["]+)/g)].map(([, index, quoted, name = ""]) =>
    index !== undefined ? Number(index) : quoted !== undefined ? (JSON.parse(quoted) as string) : name,
  );
}

/** Whether a path leads to a place within another one, or to the same. */
export function isWithin(path: string, outer: string): boolean {
  const [steps, before] = [stepsOf(path), stepsOf(outer)];
  return before.length <= steps.length && before.every((step, index) => step === steps[index]);
}

function sorted(list: readonly unknown[]): readonly unknown[] {
  return [...list].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

function sortKey(item: unknown): string {
  return `${typeof item} ${JSON.stringify(item)}`;
}

function unpacked(value: unknown): unknown {
  return embeddedIn(value) ?? value;
}

function embeddedIn(value: unknown): object | undefined {
  return typeof value === "string" ? embedded(value) : undefined;
}

/** Providers write nothing as null, as an empty text or as an empty list. */
function present(value: unknown): unknown {
  return value === null || value === "" || (Array.isArray(value) && value.length === 0) ? undefined : value;
}

function sameElements(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  return isDeepStrictEqual(a.map(sortKey).sort(), b.map(sortKey).sort());
}

/** A map may have a key such as `toString`, which every object answers to. */
function ownValue(object: Readonly<Record<string | number, unknown>>, key: string | number): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : present(value) === undefined ? [] : [value];
}

/** Names that could be taken for more than one step are quoted. */
function pathTo(path: string, step: string | number): string {
  if (typeof step === "number") return `${path}[${step}]`;
  if (!/^[^.["]+$/.test(step)) return `${path}[${JSON.stringify(step)}]`;
  return path === "" ? step : `${path}.${step}`;
}
