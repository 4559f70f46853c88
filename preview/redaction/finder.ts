import type { Range } from "./ranges";

/** A text that is looked for. */
interface Entry {
  readonly text: string;
  /** Where in the text the piece lies by which it is found. */
  readonly offset: number;
  /** Whether it counts only as a word of its own: a short one lies within many others. */
  readonly whole: boolean;
}

/** Where a text is, and which. */
export type Found = readonly [...Range, text: string];

/** How many places at each end of a text may become the piece that it is found by, before its middle is looked at. */
const PLACES = 16;

/** Bits of the filter; a power of two. */
const BITS = 1 << 21;

/**
 * Finds many texts in another at once. Each is found by a piece of few characters, the rarest so far, and then compared
 * as a whole. Its memory is what the texts take: an automaton of theirs would take a node for every character, which is
 * hundreds of megabytes for the secrets of a large plan.
 */
export class Finder {
  private readonly known = new Set<string>();
  private readonly entries = new Map<number, Entry[]>();
  /** Which pieces there are, roughly: nearly every place of a text is passed over by a look into it. */
  private readonly filter = new Uint32Array(BITS / 32);
  /** What the first character of a piece counts in its sum. */
  private readonly leaving: number = 1;

  /** @param size length of the pieces, and so the shortest text that can be looked for */
  constructor(private readonly size: number) {
    for (let step = 1; step < size; step += 1) this.leaving = Math.imul(this.leaving, 31);
  }

  /** Looks for a text from now on; one that is too short is left out. */
  add(text: string, whole = false): void {
    if (text.length < this.size || this.known.has(text)) return;
    this.known.add(text);
    const offset = this.rarest(text);
    const piece = this.pieceAt(text, offset);
    const entry = { text, offset, whole };
    const others = this.entries.get(piece);
    if (others) others.push(entry);
    else this.entries.set(piece, [entry]);
    const bit = bitOf(piece);
    this.filter[bit >>> 5] = (this.filter[bit >>> 5] ?? 0) | (1 << (bit & 31));
  }

  /** Every place of every text that is looked for, with the text; the same text does not overlap itself. */
  find(text: string): readonly Found[] {
    const found: Found[] = [];
    if (this.known.size === 0 || text.length < this.size) return found;
    const ends = new Map<Entry, number>();
    const { filter, size, leaving } = this;
    let piece = this.pieceAt(text, 0);
    const last = text.length - size;
    for (let index = 0; index <= last; index += 1) {
      if (index > 0)
        piece = (Math.imul(piece - Math.imul(text.charCodeAt(index - 1), leaving), 31) + text.charCodeAt(index + size - 1)) | 0;
      const bit = bitOf(piece);
      if ((((filter[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 0) continue;
      for (const entry of this.entries.get(piece) ?? []) {
        const start = index - entry.offset;
        if (start < (ends.get(entry) ?? 0) || !text.startsWith(entry.text, start)) continue;
        const end = start + entry.text.length;
        if (entry.whole && (isWordAt(text, start - 1) || isWordAt(text, end))) continue;
        ends.set(entry, end);
        found.push([start, end, entry.text]);
      }
    }
    return found;
  }

  private rarest(text: string): number {
    const last = text.length - this.size;
    // Its ends mostly have enough to choose from; only where many begin and end alike, the middle is needed.
    const ends =
      last < 2 * PLACES
        ? [[0, last]]
        : [
            [0, PLACES],
            [last - PLACES, last],
            [PLACES, last - PLACES],
          ];
    let best = 0;
    let fewest = Infinity;
    for (const [from = 0, to = 0] of ends)
      for (let place = from; place <= to && fewest > 0; place += 1) {
        const count = this.entries.get(this.pieceAt(text, place))?.length ?? 0;
        if (count < fewest) [best, fewest] = [place, count];
      }
    return best;
  }

  private pieceAt(text: string, index: number): number {
    let piece = 0;
    for (let place = index; place < index + this.size; place += 1) piece = (Math.imul(piece, 31) + text.charCodeAt(place)) | 0;
    return piece;
  }
}

function bitOf(piece: number): number {
  return (Math.imul(piece, 0x9e3779b1) >>> 7) & (BITS - 1);
}

function isWordAt(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}
