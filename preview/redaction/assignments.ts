import patterns from "../../facts/secret-patterns.json";
import { Finder } from "./finder";
import { isHarmlessValue, isTellingName } from "./names";
import type { Range } from "./ranges";
import { secretObjectsIn } from "./secret-objects";
import { credentialsIn } from "./urls";

/** What running text assigns to a key that holds secrets. */
export interface Assignment {
  /** Where the value is, without its quotes. */
  readonly range: Range;
  /** Ways to read it: in running text nothing says where an unquoted value ends. */
  readonly values: readonly string[];
}

const hints = new Finder(3);
for (const hint of patterns.names.hints) hints.add(hint);

/**
 * Finds what running text assigns to keys that hold secrets: configuration files of any kind, options of programs,
 * headers, connection strings, credentials in URLs, lists of names and values.
 */
export function assignmentsIn(text: string): readonly Assignment[] {
  const found: Assignment[] = [...secretObjectsIn(text)];
  found.push(...credentialsIn(text).map(({ range, password }) => ({ range, values: [password] })));
  let done = 0;
  for (const [start, end] of hints.find(text.toLowerCase())) {
    if (end <= done) continue;
    const name = nameAround(text, start, end);
    done = name[1];
    if (!isTellingName(text.slice(...name))) continue;
    for (const value of valuesAfter(text, name)) {
      if (value.range[1] <= value.range[0] || isHarmlessValue(text.slice(...value.range))) continue;
      found.push(value);
      // What lies within is hidden with it; looking there again and again would take forever.
      done = Math.max(done, value.range[1]);
    }
  }
  return found;
}

/** Longest name of a key, in characters. */
const LONGEST_NAME = 80;

function nameAround(text: string, start: number, end: number): Range {
  let [from, to] = [start, end];
  while (from > 0 && start - from < LONGEST_NAME && /[\w.-]/.test(text.charAt(from - 1))) from -= 1;
  while (to - end < LONGEST_NAME && /[\w.-]/.test(text.charAt(to))) to += 1;
  // `--password`, `-Dpassword`, and the item of a list.
  while (from < start && /[.-]/.test(text.charAt(from))) from += 1;
  while (to > end && /[.-]/.test(text.charAt(to - 1))) to -= 1;
  return [from, to];
}

/** How far before a name it is looked for what it is part of, in characters. */
const LOOK_BACK = 120;

const ASSIGNED = /["'`]?\]?[ \t]{0,80}(?::=|=>|==|[:=])[ \t]{0,80}/y;
const OPTION = /["']?,?[ \t\r\n]{1,40}(?=[^\s-])|["'],(?=["'])/y;
const ELEMENT = /(?:\s[^<>]{0,200})?>/y;
const QUOTED_NEXT = /[ \t](?=["'`])/y;
const PAIRED = /["'`]?(?:[ \t]{0,40}[,;]|\/>)?[-+\s]{0,80}["'`]?(?:default_?|string_?)?value["'`]?\s{0,8}[:=]\s{0,8}/iy;
const WITHIN_ARN = /(?:^|[^\w-])arn:[^\s"'`]{0,110}:$/;
const CHANGED = /["']?[ \t]{0,8}\r?\n[-+]\s{0,80}["']?value["']?\s{0,8}[:=]\s{0,8}/iy;
const NAMES_ITS_PAIR =
  /(?:^|[^\w.-])(?:name|key|field|header|variable|env|param|parameter|option|setting|id)["'`]?\s{0,8}[:=]\s{0,8}["'`]?$/i;

function valuesAfter(text: string, name: Range): readonly Assignment[] {
  const before = text.slice(Math.max(0, name[0] - LOOK_BACK), name[0]);
  if (WITHIN_ARN.test(before)) return [];
  const paired = NAMES_ITS_PAIR.test(before) ? pairedWith(text, name[1]) : [];
  const opened = /^["']/.test(text.charAt(name[1])) ? elementAfter(text, name[1] + 1) : undefined;
  if (opened && NAMES_ITS_PAIR.test(before)) return [opened];
  return paired.length > 0 ? paired : [valueAfter(text, name, before)].filter((value) => value !== undefined);
}

/** The value that stands next to a name; in a diff it is there twice. */
function pairedWith(text: string, end: number): readonly Assignment[] {
  const found: Assignment[] = [];
  for (let place = after(PAIRED, text, end); place !== undefined && found.length < 2;) {
    const value = valueAt(text, place, { line: false, separator: ":" });
    if (!value) break;
    found.push(value);
    place = after(CHANGED, text, value.range[1]);
  }
  return found;
}

function valueAfter(text: string, [from, to]: Range, before: string): Assignment | undefined {
  const assigned = after(ASSIGNED, text, to);
  if (assigned !== undefined) {
    const separator = text.slice(to, assigned).includes("=") ? "=" : ":";
    const onLine = before.slice(before.lastIndexOf("\n") + 1);
    const line = (onLine.length < before.length || from === before.length) && BEGINS_LINE.test(onLine);
    const scheme = /auth[a-z]*$/i.test(text.slice(from, to)) ? after(SCHEME, text, assigned) : undefined;
    const below = after(NEXT_LINE, text, assigned);
    if (below !== undefined) return valueAt(text, below, { line: false, separator });
    const several = /(?:secrets|tokens|passwords|credentials)$/i.test(text.slice(from, to));
    if (separator === "=" && /[?&]$/.test(before)) {
      const end = after(QUERY_END, text, assigned);
      return end === undefined ? undefined : plain(text, assigned, withoutPunctuation(text, assigned, end));
    }
    return valueAt(text, after(TAG, text, scheme ?? assigned) ?? scheme ?? assigned, { line, separator, several, indent: onLine.length });
  }
  if (/<$/.test(before)) return elementAfter(text, to);
  const next = after(
    /(?:^|[\s"'`,=])--?$/.test(before) ? OPTION : /passw|passphrase/i.test(text.slice(from, to)) ? QUOTED_NEXT : NEVER,
    text,
    to,
  );
  return next === undefined ? undefined : valueAt(text, next, { line: false, separator: "=" });
}

/** What an element of XML holds whose opening tag goes on here. */
function elementAfter(text: string, place: number): Assignment | undefined {
  const opened = after(ELEMENT, text, place);
  const closed = opened === undefined ? -1 : text.indexOf("<", opened);
  return opened === undefined || closed < 0 ? undefined : plain(text, opened, closed);
}

const NEVER = /(?!)/y;
const BEGINS_LINE = /^[-+ ]?[ \t]*(?:- )?(?:export |set |ENV |ARG |declare -x |readonly |local |setx |\/\/[^ ]*:)?["']?$/;
const NEXT_LINE =
  /\r?\n[ \t]{1,80}(?=["'][^\n]{1,2000}["'],?[ \t]{0,8}(?:\r?\n|$)|[^\s:"'{}[\]#&*!|>=-][^\s:=]{3,2000}[ \t]{0,8}(?:\r?\n|$))/y;
const TAG = /[!&][\w:./-]{1,80}[ \t]{1,8}/y;
const SCHEME = /["']?(?:basic|bearer|token|apikey|api-key|negotiate|splunk|key)[ \t]{1,8}/iy;

/** How a value is to be read. */
interface Place {
  /** Whether its key begins a line, so that it may reach up to the end of the line. */
  readonly line: boolean;
  readonly separator: "=" | ":";
  /** Whether the key says that there are several, so that what braces hold are secrets, too. */
  readonly several?: boolean;
  /** Columns before the key. */
  readonly indent?: number;
}

const DOUBLE = /"(?:[^"\\\n]|\\[^\n]){0,20000}/y;
/** Shells leave the quotes for a quote of the value: `'it'\''s'`. */
const SINGLE = /'(?:[^'\n]|''|'\\{1,8}''|'\\{0,8}"'\\{0,8}"'){0,20000}/y;
const BACKTICK = /`[^`\n]{0,20000}/y;
const TRIPLE = /"""|'''/y;
const HEREDOC = /<<[-~]?["']?(\w{1,40})["']?\r?\n/y;
const BLOCK = /[|>][-+\d]{0,3}[ \t]{0,8}(?:#[^\n]{0,200})?\r?\n/y;
const LIST = /\[[^[\]{}\n]{1,4000}\]/y;
const BRACED = /\{[^{}\n]{1,2000}\}/y;
const TO_LINE_END = /[^\r\n]{0,20000}/y;
const PAIRS_END = /[^\s;&"'`<>]{1,20000}/y;
const QUERY_END = /[^\s&#"<>`]{1,20000}/y;
const FLOW_END = /[^\s,;"'`<>{}[\]]{1,20000}/y;

function valueAt(text: string, start: number, { line, separator, several = false, indent = 0 }: Place): Assignment | undefined {
  const quote = text.charAt(start);
  const triple = after(TRIPLE, text, start);
  if (triple !== undefined) {
    const closed = text.indexOf(quote.repeat(3), triple);
    return plain(text, triple, closed < 0 ? text.length : closed);
  }
  const pattern = { '"': DOUBLE, "'": SINGLE, "`": BACKTICK }[quote];
  if (pattern) return quoted(text, start + 1, after(pattern, text, start) ?? start + 1);
  HEREDOC.lastIndex = start;
  const heredoc = HEREDOC.exec(text);
  if (heredoc) {
    const closed = text.slice(HEREDOC.lastIndex).search(new RegExp(`^[ \\t]{0,80}${heredoc[1] ?? ""}`, "m"));
    return plain(text, HEREDOC.lastIndex, closed < 0 ? text.length : HEREDOC.lastIndex + closed);
  }
  const block = after(BLOCK, text, start);
  if (block !== undefined) return plain(text, block, endOfBlock(text, block, indent));
  const list = after(LIST, text, start);
  if (list !== undefined) return listed(text, start + 1, list - 1);
  const braced = after(BRACED, text, start);
  const held = braced === undefined ? "" : text.slice(start, braced);
  if (braced !== undefined && (several && separator === "=" ? held.includes('"') : !/[:=]/.test(held)))
    return listed(text, start + 1, braced - 1);
  const short = after(separator === "=" ? PAIRS_END : FLOW_END, text, start);
  if (!line) return short === undefined ? undefined : plain(text, start, withoutPunctuation(text, start, short));
  const whole = text.slice(start, after(TO_LINE_END, text, start) ?? start).replace(/[ \t]#.*$/, "");
  if (/^[{[&*!]/.test(whole) && separator === ":") return undefined;
  const word = text.slice(start, short === undefined ? start : withoutPunctuation(text, start, short));
  return { range: [start, start + whole.trimEnd().length], values: [whole.trim(), whole.trim().replace(/,$/, ""), word] };
}

/** Several values, in quotes or not. */
function listed(text: string, start: number, end: number): Assignment {
  const inner = text.slice(start, end);
  return { range: [start, end], values: [inner, ...inner.split(/[\s,"']+/)] };
}

/** A value without the white space around it, which keeps the lines of a file apart. */
function plain(text: string, start: number, end: number): Assignment {
  const value = text.slice(start, end);
  const from = start + value.length - value.trimStart().length;
  return { range: [from, Math.max(from, start + value.trimEnd().length)], values: [value.trim()] };
}

function quoted(text: string, start: number, end: number): Assignment {
  const value = text.slice(start, end);
  return { range: [start, end], values: [value, value.replace(/\\(["'\\/$`])/g, "$1"), value.replaceAll("''", "'")] };
}

/** What ends a sentence or a list does not belong to the value before it. */
function withoutPunctuation(text: string, start: number, end: number): number {
  let last = end;
  while (last > start + 1 && /[,.)\]}:\\']/.test(text.charAt(last - 1))) last -= 1;
  return last;
}

/** A block of YAML ends with the first line that is not indented further than its key. */
function endOfBlock(text: string, start: number, indent: number): number {
  let end = start;
  while (end < text.length) {
    const next = text.indexOf("\n", end);
    const line = text.slice(end, next < 0 ? text.length : next);
    if (line.trim() !== "" && line.search(/[^ \t]/) <= indent) break;
    end = next < 0 ? text.length : next + 1;
  }
  return end;
}

/** Where a match at exactly this place ends. */
function after(pattern: RegExp, text: string, place: number): number | undefined {
  pattern.lastIndex = place;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
