/** A part of a text: from the first index up to, but without, the second. */
export type Range = readonly [start: number, end: number];

/** A text with parts of it replaced; parts that touch or overlap are replaced once. */
export function replaceRanges(text: string, ranges: readonly Range[], replacement: string): string {
  if (ranges.length === 0) return text;
  const parts: string[] = [];
  let kept = 0;
  for (const [start, end] of merged(ranges)) {
    parts.push(text.slice(kept, start), replacement);
    kept = end;
  }
  return parts.join("") + text.slice(kept);
}

function merged(ranges: readonly Range[]): readonly Range[] {
  const result: [number, number][] = [];
  for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = result.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else if (end > start) result.push([start, end]);
  }
  return result;
}
