import { isDeepStrictEqual } from "node:util";
import type { ResourceChange } from "../../terraform/plan-json";
import { embedded, holdsSecret, isMasked, maskAt, withoutSecrets, type Mask } from "../redaction/structure";
import type { Secrets } from "../redaction/secrets";
import type { Difference } from "../report/model";

/** Longest value that is shown whole. */
const LONGEST = 400;

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
}

/** Attributes in which the two sides of a change differ, noise folded into a number. */
export function differencesOf(change: ResourceChange["change"], context: Context): { differences: Difference[]; unknowns: number } {
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
    differences: [...shown, ...unseen.map((path): Difference => ({ path, kind: "unknown", forces: true }))],
    unknowns: findings.unknowns,
  };
}

function compare(path: string, before: Side, after: Side, unknown: Mask, findings: Findings, context: Context): void {
  if (unknown === true) {
    foundUnknown(path, before, after, findings, context);
    return;
  }
  if (before.secret === true || after.secret === true) {
    if (!isDeepStrictEqual(present(before.value), present(after.value)) || isMasked(unknown))
      findings.differences.push({ path, kind: "secret", forces: false });
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
        value: object[key],
        secret: secret || maskAt(mask, key),
      });
      compare(pathTo(path, key), side(a, before.secret), side(b, after.secret), maskAt(unknown, key), findings, context);
    }
  } else if (!isDeepStrictEqual(present(left), present(right))) {
    findings.differences.push({ path, kind: "changed", before: text(left, context), after: text(right, context), forces: false });
  }
}

function compareLists(path: string, before: Side, after: Side, unknown: Mask, findings: Findings, context: Context): void {
  const [a, b] = [listOf(before.value), listOf(after.value)];
  const plain = !isMasked(before.secret) && !isMasked(after.secret) && !isMasked(unknown);
  if (plain && sameElements(a, b)) {
    if (!isDeepStrictEqual(a, b))
      findings.differences.push({ path, kind: "reordered", before: text(a, context), after: text(b, context), forces: false });
    return;
  }
  if (plain && [...a, ...b].every((item) => typeof item !== "object" && embeddedIn(item) === undefined)) {
    findings.differences.push({
      path,
      kind: "changed",
      before: text(before.value, context),
      after: text(after.value, context),
      forces: false,
    });
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

function foundUnknown(path: string, before: Side, after: Side, findings: Findings, { secrets, given }: Context): void {
  const [top = ""] = path.split(/[.[]/);
  const expression = Object.hasOwn(given, top) ? referenceIn(given[top]) : undefined;
  if (!Object.hasOwn(given, top)) {
    findings.unknowns += 1;
    return;
  }
  findings.differences.push({
    path,
    kind: isMasked(before.secret) || isMasked(after.secret) ? "secret" : "unknown",
    ...(isMasked(before.secret) || before.value === undefined ? {} : { before: text(before.value, { secrets, given }) }),
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

/** A value as text, cut and redacted; undefined for nothing. */
function text(value: unknown, { secrets }: Context): string | undefined {
  if (present(value) === undefined) return undefined;
  const whole = typeof value === "string" ? secrets.redactProse(value) : secrets.redact(JSON.stringify(withoutSecrets(value)));
  return whole.length > LONGEST ? `${whole.slice(0, LONGEST)}… (${whole.length - LONGEST} more characters)` : whole;
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
  const key = (item: unknown): string => `${typeof item} ${JSON.stringify(item)}`;
  return isDeepStrictEqual(a.map(key).sort(), b.map(key).sort());
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : present(value) === undefined ? [] : [value];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function pathTo(path: string, step: string | number): string {
  return typeof step === "number" ? `${path}[${step}]` : path === "" ? step : `${path}.${step}`;
}
