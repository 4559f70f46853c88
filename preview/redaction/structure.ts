import { parseAllDocuments } from "yaml";
import { decodedText } from "./layers";
import { isHarmlessValue, isTellingName } from "./names";
import { HIDDEN, type Secrets } from "./secrets";

/** Objects and lists within a string: `jsonencode`d text, or the values of a Helm release; several documents are a list. */
export function embedded(text: string): object | undefined {
  const start = text.trimStart()[0];
  if (start === "{" || start === "[") {
    try {
      return JSON.parse(text) as object;
    } catch {
      // It only looks like JSON.
    }
  }
  // YAML makes an object of nearly every sentence with a colon; only what has lines of keys is taken for it.
  if (!/^(?:- )?[\w"'./-]+:(\s|$)/m.test(text) || !text.includes("\n")) return undefined;
  const documents = parseAllDocuments(text, { logLevel: "silent" });
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return undefined;
  try {
    const values = documents.map((document) => document.toJS() as unknown).filter((value) => typeof value === "object" && value !== null);
    return documents.length === 1 ? values[0] : values.length === 0 ? undefined : values;
  } catch {
    // Its aliases name themselves, or too much.
    return undefined;
  }
}

/** Terraform's mask beside a value: true, or a structure with true where something is secret. */
export type Mask = unknown;

/** The part of a mask that belongs to a key. */
export function maskAt(mask: Mask, key: string | number): Mask {
  if (mask === true) return true;
  return typeof mask === "object" && mask !== null ? (mask as Readonly<Record<string | number, unknown>>)[key] : undefined;
}

/** Whether anything within is masked. */
export function isMasked(mask: Mask): boolean {
  if (mask === true) return true;
  return typeof mask === "object" && mask !== null && Object.values(mask).some(isMasked);
}

const NAMES = ["name", "key", "field", "header", "variable", "env", "param", "parametername", "optionname", "id"];
const VALUES = new Set(["value", "values", "val", "defaultvalue", "stringvalue", "plaintext", "data", "content"]);

/**
 * Whether a key of an object holds a secret: every entry of a Kubernetes Secret, what a telling key holds, and the value
 * that stands beside a telling name, as in lists of environment variables, headers and parameters.
 */
export function holdsSecret(parent: object, key: string): boolean {
  const entries = parent as Readonly<Record<string, unknown>>;
  if (entries["kind"] === "Secret" && /^(data|stringData|binaryData)$/.test(key)) return true;
  if (isTellingName(key)) return carries(entries[key]);
  if (!VALUES.has(plainKey(key))) return false;
  return (
    carries(entries[key]) &&
    Object.entries(entries).some(([other, name]) => NAMES.includes(plainKey(other)) && typeof name === "string" && isTellingName(name))
  );
}

/** Remembers everything secret within a value: what Terraform masks, and what its key gives away, also within strings. */
export function collectSecrets(secrets: Secrets, value: unknown, mask: Mask): void {
  if (mask === true) {
    secrets.add(value);
    for (const text of textsIn(value)) collectWithin(secrets, text, true);
  } else if (typeof value === "string") {
    collectWithin(secrets, value, false);
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => {
      const [, argument] = splitOption(item);
      if (argument !== undefined) secrets.add(argument);
      collectSecrets(secrets, item, isArgument(value, index) || maskAt(mask, index));
    });
  } else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      if (!holdsSecret(value, key)) collectSecrets(secrets, inner, maskAt(mask, key));
      else collectSecrets(secrets, leavesOf(inner), true);
    }
  }
}

/** A copy in which what its key gives away is hidden, however short it is. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item, index) => (isArgument(value, index) ? HIDDEN : withoutArgument(withoutSecrets(item))));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, holdsSecret(value, key) ? HIDDEN : withoutSecrets(inner)]));
}

/** What a string holds: an object, or running text; also as base64, as user data is. */
function collectWithin(secrets: Secrets, text: string, secret: boolean): void {
  for (const layer of [text, decodedText(text)]) {
    const inner = layer === undefined ? undefined : embedded(layer);
    if (inner) {
      if (secret) secrets.addLikely(inner);
      collectSecrets(secrets, inner, undefined);
    }
  }
  secrets.learn(text);
}

/** Whether an item of a list is the argument of a telling option before it: `--password`, `x`. */
function isArgument(list: readonly unknown[], index: number): boolean {
  const [option, argument] = [list[index - 1], list[index]];
  return (
    typeof option === "string" &&
    typeof argument === "string" &&
    /^--?[\w.-]+$/.test(option) &&
    !argument.startsWith("-") &&
    isTellingName(option.replace(/^-+/, "")) &&
    !isHarmlessValue(argument)
  );
}

/** The name and the argument of `--password=x` or `DB_PASSWORD=x` as an item of a list. */
function splitOption(item: unknown): readonly [name?: string, argument?: string] {
  const [, name, argument = ""] = (typeof item === "string" ? /^((?:--?)?[\w.-]{1,80}=)(.*)$/s.exec(item) : undefined) ?? [];
  return name !== undefined && isTellingName(name.replace(/^-+|=$/g, "")) && !isHarmlessValue(argument) ? [name, argument] : [];
}

function withoutArgument(item: unknown): unknown {
  const [name] = splitOption(item);
  return name === undefined ? item : name + HIDDEN;
}

/** Whether what a telling key holds is more than switches, references and names. */
function carries(value: unknown): boolean {
  if (typeof value === "string") return !isHarmlessValue(value);
  if (typeof value === "number") return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, inner]) => !isLabel(value, key) && carries(inner));
}

/** Leaves out what within a telling key is none: it would be hidden in other places. */
function leavesOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .filter(([key]) => !isLabel(value, key))
    .map(([, inner]) => leavesOf(inner));
}

const LABEL =
  /^(?:name|namespace|kind|type|enabled|create|apiversion|provider|annotations|labels|optional|mode|path|mountpath|key|username|user|host|port|url|email)$/i;

function isLabel(parent: object, key: string): boolean {
  return !Array.isArray(parent) && LABEL.test(key);
}

function plainKey(key: string): string {
  return key.replace(/[-_]/g, "").toLowerCase();
}

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) yield* textsIn(inner);
}
