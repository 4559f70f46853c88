import { closest, distance } from "fastest-levenshtein";

/**
 * The known name nearest to a wrong one.
 * @returns undefined when nothing is near enough to be what was meant (more than half of the letters differ)
 */
export function nearest(wrong: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(wrong.toLowerCase(), known);
  return distance(wrong.toLowerCase(), candidate) <= Math.max(2, candidate.length / 2) ? candidate : undefined;
}

/** A longer list helps nobody find a name. */
const MOST_LISTED = 12;

/** A fix for a wrong name: the nearest valid one first, then all of them. */
export function nameFix(wrong: string, known: readonly string[]): string {
  const candidate = nearest(wrong, known);
  const more = known.length > MOST_LISTED ? ` and ${known.length - MOST_LISTED} more` : "";
  const all = `one of ${known.slice(0, MOST_LISTED).join(", ")}${more}`;
  return candidate === undefined ? `use ${all}` : `did you mean "${candidate}"? Valid is ${all}`;
}
