/** Longest text that is shown whole, in characters. */
const LONGEST = 400;

/** What stands before the first difference in an excerpt, in characters. */
const CONTEXT = 60;

/** Both sides of a difference, as far as they are shown. */
export interface Excerpts {
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/**
 * Shortens two texts that differ to the part in which they do: two texts that differ are never shown as the same.
 * @param before undefined for nothing there
 * @param after undefined for nothing there
 */
export function excerpts(before: string | undefined, after: string | undefined): Excerpts {
  if ((before?.length ?? 0) <= LONGEST && (after?.length ?? 0) <= LONGEST) return { before, after };
  const start = before === undefined || after === undefined ? 0 : Math.max(0, firstDifference(before, after) - CONTEXT);
  return { before: before && excerpt(before, start), after: after && excerpt(after, start) };
}

/** A message of others, cut to what a person reads. */
export function shortened(text: string, longest = 2000): string {
  return text.length > longest ? `${text.slice(0, longest)}… (${text.length - longest} more characters)` : text;
}

function excerpt(text: string, from: number): string {
  if (text.length <= LONGEST) return text;
  const start = wholeCharacter(text, from);
  const end = wholeCharacter(text, Math.min(text.length, start + LONGEST));
  const left = start > 0 ? `(${start} characters) …` : "";
  const right = end < text.length ? `… (${text.length - end} more characters)` : "";
  return `${left}${text.slice(start, end)}${right}`;
}

function firstDifference(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let index = 0;
  while (index < shorter && a.charCodeAt(index) === b.charCodeAt(index)) index += 1;
  return index;
}

/** An index that does not cut a character of two units in half. */
function wholeCharacter(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff ? index - 1 : index;
}
