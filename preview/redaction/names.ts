import patterns from "../../facts/secret-patterns.json";

const TELLING = new RegExp(patterns.names.pattern);
const HARMLESS = new RegExp(patterns.harmlessNames.pattern);
const HARMLESS_VALUE = new RegExp(patterns.harmlessValues.pattern, "i");
const COMMON = new Set(patterns.commonValues.values.map((value) => value.toLowerCase()));

/** A word as it stands in sentences, in capitals or not. */
const PLAIN_WORD = /^[A-Z]?[a-z]{0,11}$/;

/** Longest name that is judged; what is longer is no name. */
const LONGEST = 200;

/** Whether a key is of the sort that holds secrets, such as `adminPassword`, `DB_PASS` or `routing_key`. */
export function isTellingName(name: string): boolean {
  if (name.length > LONGEST) return false;
  const words = wordsOf(name);
  return TELLING.test(words) && !HARMLESS.test(words);
}

/** Whether what a telling key holds is none: a switch, a reference, an ARN, a path. */
export function isHarmlessValue(value: string): boolean {
  return HARMLESS_VALUE.test(value.trim());
}

/** Whether a value is too short or too common to be hidden wherever it turns up: text would become unreadable. */
export function isCommon(value: string): boolean {
  return value.length < 4 || COMMON.has(value.toLowerCase()) || isHarmlessValue(value);
}

/** Whether a value of which only its place tells that it may be secret is rather a word of a sentence. */
export function isPlain(value: string): boolean {
  return value.length < 6 || PLAIN_WORD.test(value) || isCommon(value);
}

/** `dbPass`, `DB_PASS` and `db.pass` alike: `db-pass`. */
function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .replace(/[^A-Za-z0-9]+/g, "-")
    .toLowerCase();
}
