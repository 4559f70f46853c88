import { KIND_WORDS } from "../render/words";
import type { Difference, PreviewReport, ResourcePreview } from "../report/model";

/** A point in which a plan is not the one that was reviewed. */
export interface Deviation {
  /** `<stack>/<address>`. */
  readonly address: string;
  readonly reason: string;
}

/** Values that AWS makes: ids and what is made of them. Those of the stand-in are made up, and never equal the account's. */
const MADE_BY_AWS = /\b[a-z]{2,12}-[0-9a-f]{8,17}\b|arn:aws|\d{12}|https?:\/\/|^Z[A-Z0-9]{10,}$/;

/**
 * Where the plan that is about to be applied is not the plan that was reviewed. Whatever is known after apply on either
 * side stands for anything, as does what may not be shown.
 */
export function deviations(reviewed: PreviewReport, planned: PreviewReport): readonly Deviation[] {
  const before = changesOf(reviewed);
  const now = changesOf(planned);
  const rehearsed = new Set(reviewed.stacks.filter(({ mode }) => mode === "rehearsed").map(({ name }) => name));
  const failed = planned.stacks
    .filter(({ status }) => status === "failed")
    .map(({ name, note }): Deviation => ({ address: name, reason: `its plan failed: ${note}` }));
  return [
    ...failed,
    ...[...now].flatMap(([address, change]) => {
      const old = before.get(address);
      if (!old) return [{ address, reason: `would be ${KIND_WORDS[change.kind]}, which nobody reviewed` }];
      if (old.kind !== change.kind)
        return [{ address, reason: `would be ${KIND_WORDS[change.kind]}; ${KIND_WORDS[old.kind]} was reviewed` }];
      const stack = address.slice(0, address.indexOf("/"));
      return differenceDeviations(old, change, rehearsed.has(stack)).map((reason) => ({ address, reason }));
    }),
    ...[...before].flatMap(([address, change]) =>
      now.has(address) ? [] : [{ address, reason: `would stay as it is; ${KIND_WORDS[change.kind]} was reviewed` }],
    ),
  ];
}

function changesOf({ stacks }: PreviewReport): ReadonlyMap<string, ResourcePreview> {
  return new Map(
    stacks.flatMap(({ name, changes }) =>
      // What a replacement left behind was there before the change, and belongs to no review.
      changes.filter(({ kind }) => kind !== "deposed").map((change): [string, ResourcePreview] => [`${name}/${change.address}`, change]),
    ),
  );
}

function differenceDeviations(old: ResourcePreview, now: ResourcePreview, rehearsed: boolean): string[] {
  const reviewed = new Map(old.differences.map((difference) => [difference.path, difference]));
  return now.differences.flatMap((difference) => {
    const before = reviewed.get(difference.path);
    if (isWildcard(difference) || (before && isWildcard(before))) return [];
    // A value that was wholly unknown stands for everything within it.
    if (!before)
      return old.differences.some((other) => isWildcard(other) && difference.path.startsWith(other.path))
        ? []
        : [`${difference.path} changes, which nobody reviewed`];
    if (before.after === difference.after) return [];
    const made = rehearsed && [before.after, difference.after].some((value) => value !== undefined && MADE_BY_AWS.test(value));
    return made ? [] : [`${difference.path} becomes ${difference.after ?? "nothing"}; ${before.after ?? "nothing"} was reviewed`];
  });
}

function isWildcard({ kind }: Difference): boolean {
  return kind === "unknown" || kind === "secret" || kind === "reordered";
}
