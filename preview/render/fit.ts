/** Something that can be said at length, in a line, or not at all. */
export interface Item {
  readonly full: string;
  /** Empty for a detail of the item before. */
  readonly line: string;
}

/** A part of a report. Sections are given most important first. */
export interface Section {
  readonly head: string;
  readonly items: readonly Item[];
  readonly tail: string;
  /** Said in place of items that were dropped. */
  readonly more: (dropped: number) => string;
}

/** What did not fit. */
export interface Fitted {
  readonly text: string;
  /** Whether anything was shortened or dropped. */
  readonly cut: boolean;
}

/** Length as GitHub counts it at most: bytes are never fewer than characters. */
function size(text: string): number {
  return Buffer.byteLength(text);
}

/**
 * Puts sections together within a limit. What is least important goes first: detail of the last section, then its
 * items, then the section before it.
 *
 * @param limit most bytes
 */
export function fit(sections: readonly Section[], limit: number): Fitted {
  const plans = sections.map((section) => ({ section, detailed: section.items.length, kept: section.items.length }));
  const overhead = sections.reduce((sum, { head, tail, more }) => sum + size(head) + size(tail) + size(more(999_999)), 0);
  let excess = overhead + sections.reduce((sum, { items }) => sum + items.reduce((all, { full }) => all + size(full), 0), 0) - limit;
  const cut = excess > 0;
  for (const plan of [...plans].reverse()) {
    const { items } = plan.section;
    while (excess > 0 && plan.detailed > 0) {
      plan.detailed -= 1;
      const item = items[plan.detailed];
      if (item) excess -= size(item.full) - size(item.line);
    }
    while (excess > 0 && plan.kept > 0) {
      plan.kept -= 1;
      const item = items[plan.kept];
      if (item) excess -= size(item.line);
    }
  }
  const text = plans.map(({ section, detailed, kept }) => {
    const said = section.items.slice(0, kept).map(({ full, line }, index) => (index < detailed ? full : line));
    // Details go without a word: what they belong to is still there, or is counted itself.
    const dropped = section.items.slice(kept).filter(({ line }) => line !== "").length;
    return section.head + said.join("") + (dropped > 0 ? section.more(dropped) : "") + section.tail;
  });
  return { text: text.join(""), cut };
}
