import patterns from "../../facts/secret-patterns.json";

/** Stands for what may not be shown. */
export const HIDDEN = "(sensitive)";

/** Shortest secret that is looked for within other text; a shorter one would blank out half of every word. */
const SHORTEST = 4;

/** Marked as sensitive now and then, and no secret: hiding them everywhere would only make text unreadable. */
const NO_SECRET = /^(true|false|null|none|default|\d{1,4})$/i;

const TELLING_NAME = new RegExp(patterns.names.pattern, "i");
const HARMLESS_NAME = new RegExp(patterns.harmlessNames.pattern, "i");
const SHAPES = patterns.shapes.map(({ pattern }) => new RegExp(pattern, "g"));

/** `key: value` and `key=value` in running text, such as configuration files within values. */
const ASSIGNMENT = /(["']?)([\w.-]{2,80})\1(\s*[:=]\s*)("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s"',;{}[\]]+)/g;

/** Whether a key is of the sort that holds secrets, such as `adminPassword`. */
export function isTellingName(name: string): boolean {
  return TELLING_NAME.test(name) && !HARMLESS_NAME.test(name);
}

/**
 * Everything known to be secret, so that it is taken out of every text, wherever it turns up: in another attribute, in
 * an error, in the rendering of a chart; also quoted, encoded, or line by line.
 */
export class Secrets {
  private readonly known = new Set<string>();
  private pattern: RegExp | undefined;

  /** Remembers every text within a secret value. */
  add(value: unknown): void {
    if (typeof value === "string") this.addText(value);
    else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) this.add(inner);
  }

  /** Remembers what running text assigns to keys that hold secrets. */
  learn(text: string): void {
    for (const [, , name = "", , value = ""] of text.matchAll(ASSIGNMENT))
      if (isTellingName(name)) this.addText(value.replace(/^(["'])(.*)\1$/s, "$2"));
  }

  /** Takes secrets out of a text. */
  redact(text: string): string {
    const pattern = this.compiled();
    const clean = pattern ? text.replace(pattern, HIDDEN) : text;
    return SHAPES.reduce((hidden, shape) => hidden.replace(shape, HIDDEN), clean);
  }

  /** The same for running text, in which a key says what its value is. */
  redactProse(text: string): string {
    const assignments = text.replace(ASSIGNMENT, (whole, quote: string, name: string, between: string, value: string) =>
      isTellingName(name) && !value.startsWith("(") ? `${quote}${name}${quote}${between}${HIDDEN}` : whole,
    );
    return this.redact(assignments);
  }

  private addText(text: string): void {
    for (const part of [text, ...text.split("\n")].map((line) => line.trim()))
      if (part.length >= SHORTEST && !NO_SECRET.test(part)) for (const form of formsOf(part)) this.known.add(form);
    this.pattern = undefined;
  }

  private compiled(): RegExp | undefined {
    if (this.known.size === 0) return undefined;
    // Longer ones first: one secret may be the beginning of another.
    this.pattern ??= new RegExp(
      [...this.known]
        .sort((a, b) => b.length - a.length)
        .map((form) => form.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
        .join("|"),
      "g",
    );
    return this.pattern;
  }
}

/** A text as it is, and as JSON, base64 and URLs write it. */
function formsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const quoted = JSON.stringify(text).slice(1, -1);
  return [
    text,
    quoted,
    JSON.stringify(quoted).slice(1, -1),
    bytes.toString("base64").replace(/=+$/, ""),
    encodeURIComponent(bytes.toString()),
  ];
}
