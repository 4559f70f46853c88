import type { Range } from "./ranges";

/** A value within the text of a Kubernetes Secret. */
export interface SecretEntry {
  readonly range: Range;
  readonly values: readonly string[];
}

const IS_SECRET = /\bkind["']?:[ \t]{0,8}["']?Secret\b(?![\w-])/;
const SEPARATOR = /^[-+ ]?---[ \t]{0,8}$/m;
const BLOCK = /^([-+ ]?[ \t]{0,80})(?:stringData|binaryData|data):[ \t]{0,8}\r?$/gm;
const ENTRY = /^[-+ ]?[ \t]{1,80}["']?[\w.-]{1,253}["']?:[ \t]{1,8}(?=\S)/;
const OBJECT = /"(?:stringData|binaryData|data)"\s{0,20}:\s{0,20}\{([^{}]{1,100000})\}/g;
const MEMBER = /"[\w.-]{1,253}"\s{0,20}:\s{0,20}"((?:[^"\\]|\\.){0,100000})"/g;

/** Every value of the Kubernetes Secrets that running text shows, such as an error or a diff: as YAML, and as JSON of one line. */
export function secretObjectsIn(text: string): readonly SecretEntry[] {
  if (!IS_SECRET.test(text)) return [];
  const found: SecretEntry[] = [];
  let from = 0;
  for (const document of text.split(SEPARATOR)) {
    const at = text.indexOf(document, from);
    from = at + document.length;
    if (!IS_SECRET.test(document)) continue;
    for (const { 0: whole, 1: indent = "", index } of document.matchAll(BLOCK))
      found.push(...linesBelow(text, at + index + whole.length + 1, at + document.length, indent.length));
    for (const { 1: members = "", 0: whole, index } of document.matchAll(OBJECT))
      for (const { 0: member, 1: value = "", index: within } of members.matchAll(MEMBER)) {
        const end = at + index + whole.length - 1 - members.length + within + member.length - 1;
        found.push({ range: [end - value.length, end], values: [value] });
      }
  }
  return found;
}

/** Values of the lines that are indented further than their key; what goes on over several lines belongs to its first. */
function* linesBelow(text: string, start: number, end: number, indent: number): Generator<SecretEntry> {
  for (let place = start; place < end;) {
    const next = text.indexOf("\n", place);
    const stop = next < 0 || next > end ? end : next;
    const line = text.slice(place, stop);
    if (line.trim() !== "" && line.search(/[^-+ \t]/) <= indent) return;
    const [key = ""] = ENTRY.exec(line) ?? [/^[-+ \t]*/.exec(line)?.[0] ?? ""];
    const value = line.slice(key.length).trim();
    if (value !== "" && !/^[|>][-+\d]{0,3}$/.test(value))
      yield { range: [place + key.length, place + key.length + value.length], values: [value, value.replace(/^["']|["']$/g, "")] };
    place = stop + 1;
  }
}
