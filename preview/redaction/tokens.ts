import { RE2JS } from "re2js";
import rules from "../../facts/gitleaks-rules.json";
import patterns from "../../facts/secret-patterns.json";
import { Finder } from "./finder";
import type { Range } from "./ranges";

/** A form of tokens. */
interface Form {
  /** One of these is in every token or next to it, in small letters. */
  readonly keywords: readonly string[];
  /** Expression in the syntax of RE2. */
  readonly pattern: string;
  /** Number of the group that is the token; without it, all of the match is. */
  readonly group?: number;
  /** Length from which on a match is a token; less is a word. */
  readonly least?: number;
}

const FORMS: readonly Form[] = [...patterns.shapes, ...rules.rules];

/** How far around a keyword its form is looked for, in characters; no token is longer. */
const BEFORE = 300;
const AFTER = 2000;

const keywords = new Finder(3);
const formsByKeyword = new Map<string, number[]>();
const compiled: (RE2JS | undefined)[] = [];
for (const [index, { keywords: words }] of FORMS.entries())
  for (const word of words) {
    keywords.add(word);
    formsByKeyword.set(word, [...(formsByKeyword.get(word) ?? []), index]);
  }

/**
 * Tokens of a known form, wherever they are: a keyword says where one may be, and only there its form is looked for, by
 * an engine that takes linear time for every form and every text.
 */
export function tokensIn(text: string): readonly Range[] {
  const places = new Map<number, Range[]>();
  for (const [start, end, word] of keywords.find(lowered(text)))
    for (const form of formsByKeyword.get(word) ?? []) {
      const windows = places.get(form);
      const last = windows?.at(-1);
      const window: Range = [Math.max(0, start - BEFORE), Math.min(text.length, end + AFTER)];
      if (!windows) places.set(form, [window]);
      else if (last && window[0] <= last[1]) windows[windows.length - 1] = [last[0], window[1]];
      else windows.push(window);
    }
  const found: Range[] = [...privateKeysIn(text)];
  for (const [form, windows] of places)
    for (const [from, to] of windows) {
      const matcher = formAt(form).matcher(text.slice(from, to));
      const { group = 0, least = 1 } = FORMS[form] ?? {};
      while (matcher.find()) {
        const [start, end] = [matcher.start(group), matcher.end(group)];
        if (start >= 0 && end - start >= least) found.push([from + start, from + end]);
      }
    }
  return found;
}

function formAt(index: number): RE2JS {
  return (compiled[index] ??= RE2JS.compile(FORMS[index]?.pattern ?? "$^"));
}

const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d:/g;
const END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|Private-MAC: [0-9a-f]{0,128}/g;

/** Private keys in PEM, however their lines are broken; one without an end reaches up to the end of the text. */
function* privateKeysIn(text: string): Generator<Range> {
  if (!text.includes("-----BEGIN ") && !text.includes("PuTTY-User-Key-File-")) return;
  let done = 0;
  for (const { index } of text.matchAll(BEGIN)) {
    if (index < done) continue;
    END.lastIndex = index;
    done = END.exec(text) ? END.lastIndex : text.length;
    yield [index, done];
  }
}

/** In small letters, every character at its own place: some capitals become two characters. */
function lowered(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text.replace(/[A-Z]{1,512}/g, (capitals) => capitals.toLowerCase());
}
