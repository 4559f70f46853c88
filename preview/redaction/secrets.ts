import { assignmentsIn } from "./assignments";
import { Finder } from "./finder";
import { decodedText, layersOf, type Writing } from "./layers";
import { isCommon, isPlain, isTellingName } from "./names";
import { replaceRanges, type Range } from "./ranges";
import { tokensIn } from "./tokens";

export { isTellingName };

/** Stands for what may not be shown. */
export const HIDDEN = "(sensitive)";

/** Shortest secret that is looked for within other text; a shorter one would blank out half of every word. */
const SHORTEST = 4;

/** From this length on, a secret is also hidden where it is a part of a word. */
const STICKS = 8;

/** How many ways of writing may lie in one another: JSON in JSON in base64. */
const DEPTH = 3;

/**
 * Everything known to be secret, so that it is taken out of every text, wherever it turns up: in another attribute, in
 * an error, in the rendering of a chart; also quoted, encoded, or line by line.
 */
export class Secrets {
  private readonly known = new Finder(SHORTEST);

  /** Remembers every text and number within a secret value. */
  add(value: unknown): void {
    if (typeof value === "string") this.addText(value);
    else if (typeof value === "number" || typeof value === "bigint") this.addText(String(value));
    else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) this.add(inner);
  }

  /** The same for what only may be secret: words that stand in sentences stay readable. */
  addLikely(value: unknown): void {
    if (typeof value === "string") {
      if (!isPlain(value)) this.addText(value);
    } else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) this.addLikely(inner);
  }

  /** Remembers what running text assigns to keys that hold secrets, also within what it encodes. */
  learn(text: string): void {
    this.learnWithin(text);
  }

  /** Takes secrets out of a text. */
  redact(text: string): string {
    return replaceRanges(text, this.secretsIn(text, false), HIDDEN);
  }

  /** The same for running text, in which a key says what its value is. */
  redactProse(text: string): string {
    return replaceRanges(text, this.secretsIn(text, true), HIDDEN);
  }

  /**
   * The same for every text within a value, the names of keys included: a last look at what is about to be written.
   * @param kept keys whose texts are words of the program, such as `kind`
   */
  redactWithin<Value>(value: Value, kept: ReadonlySet<string> = new Set()): Value {
    return this.within(value, kept) as Value;
  }

  private within(value: unknown, kept: ReadonlySet<string>): unknown {
    if (typeof value === "string") return this.redact(value);
    if (Array.isArray(value)) return value.map((item) => this.within(item, kept));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [this.redact(key), kept.has(key) ? inner : this.within(inner, kept)]),
    );
  }

  private secretsIn(text: string, prose: boolean, writing: Writing = "none", depth = DEPTH): readonly Range[] {
    if (text.length < SHORTEST) return [];
    const found: Range[] = [...tokensIn(text)];
    for (const [start, end] of this.known.find(text)) found.push([start, end]);
    if (prose && writing !== "breaks") for (const { range } of assignmentsIn(text)) found.push(range);
    if (depth > 0)
      for (const layer of layersOf(text, writing))
        for (const range of this.secretsIn(layer.text, prose, layer.writing, depth - 1)) found.push(layer.outer(range));
    return found;
  }

  private learnWithin(text: string, writing: Writing = "none", depth = DEPTH): void {
    if (writing === "breaks") return;
    for (const { values } of assignmentsIn(text))
      for (const value of values) for (const read of [value, ofBytes(value)]) this.addLikely(read);
    if (depth > 0) for (const layer of layersOf(text, writing)) this.learnWithin(layer.text, layer.writing, depth - 1);
  }

  private addText(text: string): void {
    this.addForms(text.trim());
    if (text.includes("\n")) for (const line of text.split("\n")) if (!isPlain(line.trim()) && !MARK.test(line)) this.addForms(line.trim());
    const decoded = decodedText(text);
    if (decoded === undefined) return;
    this.addText(decoded);
    // Registries keep `user:password` like this.
    const [, password] = /^[^:\s]{1,100}:(\S+)$/.exec(decoded) ?? [];
    if (password !== undefined) this.addForms(password);
  }

  /** Remembers a text as it is, without its line breaks, and as bytes say it. */
  private addForms(text: string): void {
    if (isCommon(text)) return;
    const bytes = Buffer.from(text).toString("latin1");
    for (const form of new Set([text, text.replace(/\s+/g, " "), text.replaceAll(" ", "+"), bytes]))
      this.known.add(form, form.length < STICKS);
  }
}

/** A text of which a layer has the bytes, one a character; undefined for every other. */
function ofBytes(text: string): string | undefined {
  if (!/[\u0080-\u00ff]/.test(text) || /[\u0100-\uffff]/.test(text)) return undefined;
  const read = Buffer.from(text, "latin1").toString();
  return read.includes("\ufffd") ? undefined : read;
}

/** Begins and ends what a file holds, and says nothing of it; so does a key whose value is a word. */
const MARK = /^\s*(?:-----[A-Z ]+-----|[\w.-]{1,40}:\s*[\w./-]{0,12})\s*$/;
