import { isUtf8 } from "node:buffer";
import { gunzipSync } from "node:zlib";
import type { Range } from "./ranges";

/** What a text says once one way of writing it is taken off, and where each part of that came from. */
export interface Layer {
  readonly text: string;
  readonly writing: Writing;
  /** The part of the outer text that a part of the inner one came from. */
  readonly outer: (range: Range) => Range;
}

/** What was taken off; `all` is every way to write single signs at once, `breaks` are those of lines. */
export type Writing = "none" | "backslashes" | "percents" | "entities" | "quotes" | "all" | "breaks" | "bytes";

/**
 * The texts within a text: without backslashes, percent signs, entities, doubled quotes or line breaks, and what base64,
 * hexadecimal digits and gzip hold. Looking into these, and into theirs, finds a secret however it is written.
 *
 * @param writing what was taken off last; not every order is worth a look
 */
export function* layersOf(text: string, writing: Writing = "none"): Generator<Layer> {
  for (const next of NEXT[writing])
    for (const decode of DECODERS[next]) {
      const layer = decode(text);
      if (layer) yield { ...layer, writing: next };
    }
}

const NEXT: Readonly<Record<Writing, readonly Writing[]>> = {
  none: ["backslashes", "percents", "entities", "quotes", "breaks", "bytes"],
  bytes: ["backslashes", "percents", "entities", "quotes", "breaks", "bytes"],
  backslashes: ["backslashes", "all", "breaks", "bytes"],
  percents: ["percents", "all", "breaks", "bytes"],
  entities: ["entities", "all", "breaks", "bytes"],
  quotes: ["all", "breaks", "bytes"],
  all: ["breaks", "bytes"],
  // What stands behind a key is no longer its value once lines are joined.
  breaks: [],
};

/** What a text of base64 says, if it is readable; also gzipped, which user data often is. */
export function decodedText(text: string): string | undefined {
  const compact = text.trim().replace(/\r?\n/g, "");
  if (compact.length < 8 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(compact)) return undefined;
  const bytes = Buffer.from(compact, "base64");
  const inner = unzipped(bytes) ?? bytes.toString();
  // eslint-disable-next-line no-control-regex -- what has control characters is not readable
  return inner.length >= 3 && !/[\u0000-\u0008\u000e-\u001f\ufffd]/.test(inner) ? inner : undefined;
}

const ESCAPE = /\\(?:u[0-9a-fA-F]{4}|\r?\n[ \t]{0,80}|[^u\r\n])/g;
const PERCENT = /(?:%[0-9a-fA-F]{2}){1,512}/g;
const ENTITY = /&(?:quot|amp|lt|gt|apos|nbsp|#\d{2,7}|#x[0-9a-fA-F]{2,6});/g;
const DOUBLED = /'\\''|'"'"'|''|""|\$\$(?=\{)|%%(?=\{)/g;
const BREAK = /[ \t]{2,80}(?:\r?\n[ \t\r\n]{0,80})?|[ \t]?\r?\n[ \t\r\n]{0,80}/g;
const BREAK_IN_DIFF = /[ \t]{2,80}(?:\r?\n[-+ ]?[ \t]{0,80})?|[ \t]?\r?\n[-+ ]?[ \t]{0,80}/g;
const ESCAPED: Readonly<Record<string, string | undefined>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };
const ENTITIES: Readonly<Record<string, string | undefined>> = { quot: '"', amp: "&", lt: "<", gt: ">", apos: "'", nbsp: " " };

const ALL = new RegExp([ESCAPE, PERCENT, ENTITY, DOUBLED].map(({ source }) => source).join("|"), "g");

type Decoder = (text: string) => Omit<Layer, "writing"> | undefined;

const DECODERS: Readonly<Record<Writing, readonly Decoder[]>> = {
  none: [],
  backslashes: [(text) => (text.includes("\\") ? replaced(text, ESCAPE, unescaped) : undefined)],
  percents: [(text) => (text.includes("%") ? replaced(text, PERCENT, unpercented) : undefined)],
  entities: [(text) => (text.includes("&") ? replaced(text, ENTITY, entity) : undefined)],
  quotes: [(text) => replaced(text, DOUBLED, single)],
  all: [(text) => replaced(text, ALL, anySign)],
  breaks: [(text) => replaced(text, text.includes("\n@@ ") || text.startsWith("@@ ") ? BREAK_IN_DIFF : BREAK, () => " ")],
  bytes: [
    (text) => runs(text, BASE64, 6, ofBase64),
    (text) => runs(text, HEX, 4, (run) => [readable(Buffer.from(run, "hex"))]),
    (text) => (text.includes("H4sI") ? runs(text, GZIP, undefined, (run) => [unzipped(Buffer.from(run, "base64"))]) : undefined),
  ],
};

function anySign(match: string): string {
  if (match.startsWith("\\")) return unescaped(match);
  if (match.startsWith("&")) return entity(match);
  return /^%[0-9a-f]/i.test(match) ? unpercented(match) : single(match);
}

function single(match: string): string {
  return match.startsWith("'") ? "'" : match.charAt(0);
}

function unescaped(match: string): string {
  const [, kind = ""] = match;
  if (kind === "u") return String.fromCharCode(parseInt(match.slice(2), 16));
  return kind === "\n" || kind === "\r" ? "" : (ESCAPED[kind] ?? match.slice(1));
}

function unpercented(match: string): string {
  return Buffer.from(match.replaceAll("%", ""), "hex").toString();
}

function entity(match: string): string {
  const name = match.slice(1, -1);
  if (!name.startsWith("#")) return ENTITIES[name] ?? match;
  const code = name.startsWith("#x") ? parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code > 0x10ffff ? match : String.fromCodePoint(code);
}

function replaced(text: string, pattern: RegExp, replacement: (match: string) => string): ReturnType<Decoder> {
  // Places at which what was replaced begins, in the inner text and in the outer one, and its lengths in both.
  const [inner, outer, short, long]: [number[], number[], number[], number[]] = [[], [], [], []];
  let saved = 0;
  const decoded = text.replace(pattern, (match: string, index: number) => {
    const instead = replacement(match);
    if (instead === match) return match;
    inner.push(index - saved);
    outer.push(index);
    short.push(instead.length);
    long.push(match.length);
    saved += match.length - instead.length;
    return instead;
  });
  if (inner.length === 0) return undefined;
  const placeOf = (place: number, isEnd: boolean): number => {
    const last = lastUpTo(inner, isEnd ? place - 1 : place);
    if (last < 0) return place;
    const [from = 0, at = 0, length = 0, whole = 0] = [inner[last], outer[last], short[last], long[last]];
    const within = place - from;
    if (isEnd ? within > length : within >= length) return at + whole + within - length;
    return isEnd ? at + whole : at;
  };
  return { text: decoded, outer: ([start, end]) => [placeOf(start, false), placeOf(end, true)] };
}

/** Long enough for the shortest secret; what has only small letters is a word. */
const BASE64 = /[A-Za-z0-9+/_-]{7,}/g;
const HEX = /[0-9a-fA-F]{8,8192}/g;
const GZIP = /H4sI[A-Za-z0-9+/_-]{16,}={0,2}/g;
const WORD = /^[a-z/_-]+$|^[A-Z]?[a-z]+$/;

/** From this length on, what follows on the next line belongs to the same base64: tools break it after 60 to 76 characters. */
const WRAPPED = 60;

/** What a run of base64 says; where it has signs, it may stick to a path before it, and so begin anywhere. */
function ofBase64(run: string): readonly (string | undefined)[] {
  if (WORD.test(run)) return [];
  const places = /[+/_-]/.test(run) ? [0, 1, 2, 3] : [0];
  return places.map((skipped) => readable(Buffer.from(skipped === 0 ? run : run.slice(skipped), "base64")));
}

/** From this length on, a part that can be read makes bytes a text, whatever is around it. */
const READABLE = /[\t\n\r\x20-\x7e]{12}/;

/** Bytes as text, one character each; undefined for what is no text: digests, keys, pictures. */
function readable(bytes: Buffer): string | undefined {
  const text = bytes.toString("latin1");
  if (READABLE.test(text)) return text;
  // eslint-disable-next-line no-control-regex -- text has no control characters
  return isUtf8(bytes) && !/[\x00-\x08\x0e-\x1f\x7f]/.test(text) ? text : undefined;
}

/** A run of characters that hold bytes, the places of its lines, and how many characters were left out before it. */
interface Run {
  readonly from: number;
  readonly lines: readonly Range[];
  readonly skipped: number;
}

/**
 * @param bits how many bits a character holds; undefined where the whole run belongs to each byte of it
 * @param decode what a run says, for each number of characters that are left out before it
 */
function runs(
  text: string,
  pattern: RegExp,
  bits: number | undefined,
  decode: (run: string) => readonly (string | undefined)[],
): ReturnType<Decoder> {
  const found: Run[] = [];
  const parts: string[] = [];
  let inner = 0;
  for (const lines of linesOfRuns(text, pattern))
    for (const [skipped, decoded = ""] of decode(lines.map(([start, end]) => text.slice(start, end)).join("")).entries()) {
      if (decoded.length < 3) continue;
      found.push({ from: inner, lines, skipped });
      parts.push(decoded);
      inner += decoded.length + 1;
    }
  if (found.length === 0) return undefined;
  const starts = found.map(({ from }) => from);
  const placeOf = (bit: number, isEnd: boolean): number => {
    const run = found[lastUpTo(starts, Math.floor(bit / 8))];
    if (!run || bits === undefined) return (isEnd ? run?.lines.at(-1)?.[1] : run?.lines[0]?.[0]) ?? 0;
    return placeIn(run.lines, run.skipped + Math.floor((bit - run.from * 8) / bits)) + Number(isEnd);
  };
  return {
    text: parts.join("\n"),
    outer: ([start, end]) => [placeOf(start * 8, false), placeOf(end * 8 - 1, true)],
  };
}

function* linesOfRuns(text: string, pattern: RegExp): Generator<readonly Range[]> {
  let lines: Range[] = [];
  for (const { 0: match, index } of text.matchAll(pattern)) {
    const last = lines.at(-1);
    if (last && (last[1] - last[0] < WRAPPED || index - last[1] > 80 || !/^\r?\n[ \t]*$/.test(text.slice(last[1], index)))) {
      yield lines;
      lines = [];
    }
    lines.push([index, index + match.length]);
  }
  if (lines.length > 0) yield lines;
}

function placeIn(lines: readonly Range[], index: number): number {
  let left = index;
  for (const [start, end] of lines) {
    if (left < end - start) return start + left;
    left -= end - start;
  }
  return (lines.at(-1)?.[1] ?? 1) - 1;
}

/** Index of the last of ascending numbers that is not above a place; -1 where all are. */
function lastUpTo(numbers: readonly number[], place: number): number {
  let [low, high] = [-1, numbers.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((numbers[middle] ?? Infinity) <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Largest text that is taken out of gzip, in bytes: a small text may hold an endless one. */
const LARGEST = 4_000_000;

function unzipped(bytes: Buffer): string | undefined {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return undefined;
  try {
    return gunzipSync(bytes, { maxOutputLength: LARGEST }).toString();
  } catch {
    return undefined;
  }
}
