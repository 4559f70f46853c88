import { repeated } from "../../config/repeated";
import { isUnknown, isWithin } from "../plans/differences";
import type { ValueDigest } from "../plans/digests";
import { HIDDEN } from "../redaction/secrets";
import { wholePath, wordless } from "../plans/standing";
import { KIND_WORDS } from "../render/words";
import type { Difference, OtherChange, PreviewReport, ResourcePreview, StackPreview, Standing } from "../report/model";

/** A point in which a plan is not the one that was reviewed. */
export interface Deviation {
  /** `<stack>/<address>`. */
  readonly address: string;
  readonly reason: string;
  /** Whether a person may allow it: a hidden value changes as reviewed, and nobody can tell to what. */
  readonly approvable: boolean;
}

/** The part of a report that is compared. */
export type PlannedReport = Pick<PreviewReport, "stacks" | "digests">;

/** How strictly plans are compared. */
export interface Strictness {
  /**
   * Whether the plan was made after everything that it reads was applied: what was known at the review is known then too.
   */
  readonly final: boolean;
}

/**
 * Where the plan that is about to be applied is not the plan that was reviewed. Whole values count, by their digests.
 * What was known only after the apply when it was reviewed stands for anything; what an interrupted deploy of the same
 * reviews already did is as good as done.
 *
 * @param reviewed reports since the last deploy, oldest first: a later one has the last word about a resource
 */
export function deviations(reviewed: readonly PreviewReport[], planned: PlannedReport, { final }: Strictness): readonly Deviation[] {
  const comparable = reviewed.every(({ digests }) => digests === planned.digests);
  const failed = planned.stacks
    .filter(({ status }) => status === "failed")
    .map(({ name, note }): Deviation => ({ address: name, reason: `its plan failed: ${note}`, approvable: false }));
  return [
    ...failed,
    ...twins(planned),
    ...changeDeviations(reviewed, planned, { final, comparable }),
    ...otherDeviations(reviewed, planned, comparable),
  ];
}

/** Two resources that a report cannot tell apart, because a secret in their addresses is hidden, cannot be compared either. */
function twins({ stacks }: PlannedReport): Deviation[] {
  const places = stacks.flatMap((stack) => stack.changes.map((change) => placeOf(stack, change)));
  return repeated(places).map((address) => ({ address, reason: "stands for more than one resource", approvable: false }));
}

/** Reviewed changes by place; how a value compares depends on where its stack was planned. */
interface Reviewed {
  readonly change: ResourcePreview;
  readonly rehearsed: boolean;
}

interface Comparison extends Strictness {
  /** Whether digests of both sides were made with one key, or both without any. */
  readonly comparable: boolean;
}

function changeDeviations(reviewed: readonly PreviewReport[], planned: PlannedReport, comparison: Comparison): Deviation[] {
  const before = new Map(
    reviewed.flatMap(({ stacks }) =>
      stacks.flatMap((stack) =>
        stack.changes.map((change): [string, Reviewed] => [placeOf(stack, change), { change, rehearsed: stack.mode === "rehearsed" }]),
      ),
    ),
  );
  const now = new Map(
    planned.stacks.flatMap((stack) => stack.changes.map((change): [string, ResourcePreview] => [placeOf(stack, change), change])),
  );
  const standing = new Map(
    planned.stacks.flatMap(({ name, standing: own = [] }) => own.map((each): [string, Standing] => [`${name}/${each.address}`, each])),
  );
  const deposed = new Set([...now].flatMap(([place, { kind }]) => (kind === "deposed" ? [withoutDeposed(place)] : [])));
  const at = (address: string, reasons: readonly Reason[]): Deviation[] =>
    reasons.map((reason) => ({ address, approvable: false, ...reason }));
  return [
    ...[...now].flatMap(([place, change]) =>
      at(place, reasonsOf(change, reviewedAs(place, change, before), standing.get(place), comparison)),
    ),
    ...[...before].flatMap(([place, { change, rehearsed }]) =>
      now.has(place) || isHalfDone(place, change, deposed)
        ? []
        : at(place, leftAlone(change, standing.get(place), { ...comparison, rehearsed, sameProgram: true })),
    ),
  ];
}

interface Reason {
  readonly reason: string;
  readonly approvable?: boolean;
}

function placeOf({ name }: StackPreview, { address, kind, deposed }: ResourcePreview): string {
  return kind === "deposed" ? `${name}/${address} (deposed ${deposed ?? ""})` : `${name}/${address}`;
}

/** Place of the resource that a deposed object belonged to. */
function withoutDeposed(place: string): string {
  return place.replace(/ \(deposed [^)]*\)$/, "");
}

/** What a change was reviewed as. The object that a reviewed replacement made anew may be all that is left to delete. */
function reviewedAs(place: string, change: ResourcePreview, before: ReadonlyMap<string, Reviewed>): Reviewed | undefined {
  const exact = before.get(place);
  if (exact || change.kind !== "deposed") return exact;
  const replaced = before.get(withoutDeposed(place));
  return replaced?.change.kind === "replace" ? { ...replaced, change } : undefined;
}

/** A replacement that made the new object and did not come to delete the old one. */
function isHalfDone(place: string, { kind }: ResourcePreview, deposed: ReadonlySet<string>): boolean {
  return kind === "replace" && deposed.has(place);
}

/** Kinds that an interrupted apply turns a reviewed kind into. */
function isRestOf(reviewed: ResourcePreview["kind"], { kind, tainted }: ResourcePreview): boolean {
  if (reviewed === "replace" || reviewed === "recreate") return kind === "create" || (kind === "replace" && tainted === true);
  return reviewed === "create" && kind === "replace" && tainted === true;
}

function reasonsOf(
  now: ResourcePreview,
  reviewed: Reviewed | undefined,
  standing: Standing | undefined,
  comparison: Comparison,
): readonly Reason[] {
  if (!reviewed) return [{ reason: `would be ${KIND_WORDS[now.kind]}, which nobody reviewed` }];
  const { change: old, rehearsed } = reviewed;
  if (old.kind !== now.kind && !isRestOf(old.kind, now))
    return [{ reason: `would be ${KIND_WORDS[now.kind]}; ${KIND_WORDS[old.kind]} was reviewed` }];
  const own = { ...comparison, rehearsed, sameProgram: old.program === now.program };
  if (old.kind !== now.kind) return restReasons(old, now, own);
  return [
    ...(old.previousAddress === now.previousAddress
      ? []
      : [{ reason: `was ${now.previousAddress ?? "nowhere else"}; ${old.previousAddress ?? "no other address"} was reviewed` }]),
    ...(old.importedId === now.importedId
      ? []
      : [{ reason: `takes over ${now.importedId ?? "nothing"}; ${old.importedId ?? "nothing"} was reviewed` }]),
    ...((old.createFirst ?? false) === (now.createFirst ?? false)
      ? []
      : [{ reason: `makes the new object ${now.createFirst ? "before" : "after"} the old one goes; the other order was reviewed` }]),
    ...((old.keepsOld ?? false) === (now.keepsOld ?? false)
      ? []
      : [{ reason: `${now.keepsOld ? "keeps" : "deletes"} the old object, which nobody reviewed` }]),
    ...valuesReasons(old, now, own),
    ...missing(old, now).flatMap((difference) => standsAsReviewed(difference, standing, own)),
    ...missingWholes(old, now).flatMap((whole) => standsAsReviewed(whole, standing, own)),
  ];
}

/** Value by value, in words; and then by whole attributes, for what no words show. */
function valuesReasons(old: ResourcePreview, now: ResourcePreview, comparison: OwnComparison): readonly Reason[] {
  const inWords = now.differences.flatMap((difference) => differenceReasons(difference, old, comparison));
  if (inWords.some(({ approvable }) => approvable !== true)) return inWords;
  const whole = now.wholes.flatMap((each) => {
    const before = old.wholes.find(({ path }) => path === each.path);
    if (!before)
      return comparison.sameProgram && wasUnknown(old, each.path) ? [] : [{ reason: `${each.path} changes, which nobody reviewed` }];
    // Codes of two keys, or of none and one, say nothing; what is hidden was asked for above.
    if (!comparison.comparable) return [];
    return valueReasons(before, each, comparison, `${each.path} becomes another value than the reviewed one`);
  });
  return [...inWords, ...whole];
}

/** What is left of a change that an interrupted apply began makes an object: with every attribute as reviewed. */
function restReasons(old: ResourcePreview, now: ResourcePreview, comparison: OwnComparison): readonly Reason[] {
  return now.wholes.flatMap((whole) => {
    const before = old.wholes.find(({ path }) => path === whole.path);
    // What was unknown at the review stands for anything; an argument that nobody reviewed does not.
    if (!before)
      return comparison.sameProgram && wasUnknown(old, whole.path) ? [] : [{ reason: `${whole.path} is set, which nobody reviewed` }];
    return valueReasons(before, whole, comparison, `${whole.path} becomes another value than the reviewed one`);
  });
}

/** Whether something of an attribute was known only after the apply when it was reviewed. */
function wasUnknown({ differences }: ResourcePreview, path: string): boolean {
  return differences.some((difference) => isUnknown(difference) && isWithin(difference.path, path));
}

/** Reviewed differences that a plan does not repeat. */
function missing(old: ResourcePreview, now: ResourcePreview): readonly Difference[] {
  return old.differences.filter(
    ({ path }) =>
      !now.differences.some((difference) => difference.path === path || (isUnknown(difference) && isWithin(path, difference.path))),
  );
}

/** Reviewed attributes that no words speak of, and that a plan leaves alone. */
function missingWholes(old: ResourcePreview, now: Pick<ResourcePreview, "wholes"> | undefined): readonly Difference[] {
  if (old.kind !== "update") return [];
  return wordless(old)
    .filter((path) => !now?.wholes.some((whole) => whole.path === path))
    .flatMap((path) => old.wholes.filter((whole) => whole.path === path))
    .map((whole) => ({ ...whole, path: wholePath(whole.path), kind: "changed" as const, forces: false }));
}

interface OwnComparison extends Comparison {
  readonly rehearsed: boolean;
  /** Whether the program says the same of the resource as at the review: only then may what was unknown become known. */
  readonly sameProgram: boolean;
}

function differenceReasons(now: Difference, old: ResourcePreview, comparison: OwnComparison): readonly Reason[] {
  const before = old.differences.find(({ path }) => path === now.path);
  if (!before) {
    // A value that was wholly unknown stands for everything within it.
    const open = comparison.sameProgram && old.differences.some((other) => isUnknown(other) && isWithin(now.path, other.path));
    const closed = isUnknown(now) && !comparison.final && old.differences.some((other) => isWithin(other.path, now.path));
    return open || closed ? [] : [{ reason: `${now.path} changes, which nobody reviewed` }];
  }
  if (isUnknown(before)) {
    if (isUnknown(now)) return sourceReasons(before, now);
    return comparison.sameProgram
      ? []
      : [{ reason: `${now.path} becomes ${words(now)}, and the program says something else of it than at the review` }];
  }
  if (isUnknown(now)) return comparison.final ? [{ reason: `${now.path} is known only after apply; ${words(before)} was reviewed` }] : [];
  if (isReordered(before) !== isReordered(now) && !isHidden(before, now))
    return [{ reason: `${now.path} becomes ${words(now)}; ${words(before)} was reviewed` }];
  const reason = `${now.path} becomes ${words(now)}; ${words(before)} was reviewed`;
  // Where both are shown whole, what the reviewers read counts too.
  if (isWhole(before) && isWhole(now) && before.after !== now.after && !comparison.rehearsed) return [{ reason }];
  return valueReasons(before, now, comparison, reason);
}

/** Whether a difference shows its new value as it is: not cut, and nothing of it hidden. */
function isWhole({ kind, after = "" }: Difference): boolean {
  return kind === "changed" && !after.includes("…") && !after.includes(HIDDEN);
}

/** Where both are unknown, where the value will come from must be the same. */
function sourceReasons(before: Difference, now: Difference): readonly Reason[] {
  return before.after === undefined || now.after === undefined || before.after === now.after
    ? []
    : [{ reason: `${now.path} comes from ${now.after}; ${before.after} was reviewed` }];
}

/** Whether two values are one, by digests; a value that nobody may compare needs a person. */
function valueReasons(before: ValueDigest, now: ValueDigest, comparison: OwnComparison, reason: string): readonly Reason[] {
  if (!comparison.comparable || before.digest === undefined || now.digest === undefined)
    return [
      {
        reason: `${reason.split(" becomes ")[0] ?? ""} changes to a hidden value, and nothing shows that it is the reviewed one`,
        approvable: true,
      },
    ];
  if (before.digest === now.digest) return [];
  // Ids that the stand-in made up are never the account's.
  const made = comparison.rehearsed && comparison.sameProgram && before.shape !== undefined && before.shape === now.shape;
  return made ? [] : [{ reason }];
}

/** A reviewed difference that the plan does not repeat is done already, or it deviates. */
function standsAsReviewed(old: Difference, standing: Standing | undefined, comparison: OwnComparison): readonly Reason[] {
  if (isUnknown(old)) return [];
  const value = standing?.values.find(({ path }) => path === old.path);
  if (!value) return [{ reason: `${old.path} stays as it is; ${words(old)} was reviewed` }];
  return valueReasons(old, value, comparison, `${old.path} becomes something else than ${words(old)}, which was reviewed`).map((reason) =>
    reason.approvable ? reason : { reason: `${old.path} stays as it is; ${words(old)} was reviewed` },
  );
}

/** A whole change that the plan does not repeat. */
function leftAlone(old: ResourcePreview, standing: Standing | undefined, comparison: OwnComparison): readonly Reason[] {
  const undone = [{ reason: `would stay as it is; ${KIND_WORDS[old.kind]} was reviewed` }];
  switch (old.kind) {
    case "deposed":
    case "delete":
    case "forget":
      return standing?.exists === false || old.kind === "deposed" ? [] : undone;
    default: {
      if (standing?.exists !== true) return undone;
      const reasons = [...old.differences, ...missingWholes(old, undefined)].flatMap((difference) =>
        standsAsReviewed(difference, standing, comparison),
      );
      return reasons.some(({ approvable }) => approvable !== true) ? undone : reasons;
    }
  }
}

/**
 * Actions, deferred changes and failed checks happen as reviewed, or not at all. Outputs follow from what is applied; one
 * whose value was known at the review must get that value.
 */
function otherDeviations(reviewed: readonly PreviewReport[], planned: PlannedReport, comparable: boolean): Deviation[] {
  const key = (name: string, { kind, address, what, digest }: OtherChange): string => JSON.stringify([name, kind, address, what, digest]);
  const seen = new Set(reviewed.flatMap(({ stacks }) => stacks.flatMap(({ name, others }) => others.map((other) => key(name, other)))));
  const outputs = new Map(
    reviewed.flatMap(({ stacks }) =>
      stacks.flatMap(({ name, mode, others }) =>
        others.flatMap((other) =>
          other.kind === "output" && mode === "real" ? [[`${name}/${other.address}`, other.digest] as const] : [],
        ),
      ),
    ),
  );
  const isOther = (name: string, { address, digest }: OtherChange): boolean => {
    const before = outputs.get(`${name}/${address}`);
    return before !== undefined && digest !== undefined && before !== digest;
  };
  return planned.stacks.flatMap(({ name, others }) =>
    others
      .filter((other) => (other.kind === "output" ? comparable && isOther(name, other) : !seen.has(key(name, other))))
      .map(({ address, what }) => ({ address: `${name}/${address}`, reason: `${what}, which nobody reviewed`, approvable: false })),
  );
}

function isReordered({ kind }: Difference): boolean {
  return kind === "reordered";
}

function isHidden(...sides: readonly Difference[]): boolean {
  return sides.some(({ kind }) => kind === "secret");
}

function words({ kind, after }: Difference): string {
  if (kind === "secret") return "a hidden value";
  return kind === "reordered" ? `${after ?? "nothing"} in another order` : (after ?? "nothing");
}
