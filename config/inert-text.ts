// Words of others, shown on a terminal, in a log or on a page: nothing in them may steer what shows them, and two that differ
// must look different.

/** Characters that steer, hide, or look like a space: each is shown by its code. */
const STEERING = /[\p{C}\p{DI}\p{Zl}\p{Zp}\u2800]|(?! )\p{Zs}/gu;

/** What stands for such characters, and so must not be taken for them. */
const SIGNS = /[\u23ce\u27e6]/g;

/** Starts of commands that GitHub's runners take from what a job prints: at a line's start, and anywhere. */
const COMMANDS = { atStart: /^(\s*):(?=:)/, anywhere: /##\[/g };

/**
 * A text as one line of visible characters; texts that differ come out different. Line ends show as `⏎`, every other
 * character that cannot be seen by its code, such as `⟦U+202E⟧`.
 */
export function inertText(text: string): string {
  return settled(text.replace(SIGNS, codeOf));
}

/** The same for what may have been made inert before, and stays as it is then. */
export function settled(text: string): string {
  return text.replace(STEERING, (character) => (character === "\n" ? " ⏎ " : codeOf(character))).replace(COMMANDS.anywhere, "##⟦");
}

/** The same for output of several lines: line ends and tabs stay, and no line begins with a command. */
export function inertLines(text: string): string {
  return text
    .split("\n")
    .map((line) => line.split("\t").map(settled).join("\t").replace(COMMANDS.atStart, "$1⟦:⟧"))
    .join("\n");
}

function codeOf(character: string): string {
  return `⟦U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟧`;
}

/**
 * A copy of data in which every text, keys aside, is inert.
 * @param ofLines keys whose texts have several lines
 * @param longest most characters of a text; escaping makes each up to twelve times as long
 */
export function inertData<Data>(data: Data, ofLines: ReadonlySet<string> = new Set(), longest = Number.POSITIVE_INFINITY): Data {
  const copy = (value: unknown, key: string): unknown => {
    if (typeof value === "string") {
      const text = value.length > longest ? `${value.slice(0, longest)}…` : value;
      return ofLines.has(key) ? inertLines(text) : inertText(text);
    }
    if (Array.isArray(value)) return value.map((item) => copy(item, key));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copy(inner, name)]));
  };
  return copy(data, "") as Data;
}
