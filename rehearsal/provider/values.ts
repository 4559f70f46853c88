import { isDeepStrictEqual } from "node:util";
import { Decoder, Encoder, ExtensionCodec } from "@msgpack/msgpack";
import type { Block, CtyType } from "./schema";

/** A value that Terraform does not know yet. */
export class Unknown {
  static readonly instance = new Unknown();
  // Makes the class nominal to TypeScript: no other object passes for an unknown value.
  protected readonly unknown = true;
  private constructor() {
    Object.freeze(this);
  }
}

/** A value of Terraform's type system as plain data; null is Terraform's null. */
export type Value = null | string | number | boolean | Unknown | readonly Value[] | { readonly [key: string]: Value };

/** A step of a path: a name, or an index into a list. */
export type PathStep = string | number;

/** An object value. */
export type ObjectValue = Readonly<Record<string, Value>>;

const UNKNOWN_EXTENSION = 0;
/** Unknown, with something known about it (such as "not null"); Drydock has no use for the refinement. */
const REFINED_UNKNOWN_EXTENSION = 12;

const codec = new ExtensionCodec();
codec.register({
  type: UNKNOWN_EXTENSION,
  encode: (value) => (value instanceof Unknown ? Uint8Array.of(0) : null),
  decode: () => Unknown.instance,
});
codec.register({ type: REFINED_UNKNOWN_EXTENSION, encode: () => null, decode: () => Unknown.instance });
const encoder = new Encoder({ extensionCodec: codec });
const decoder = new Decoder({ extensionCodec: codec });

/** Reads a value off the wire. */
export function decode(bytes: Uint8Array): Value {
  return decoder.decode(bytes) as Value;
}

/** Writes a value for the wire. */
export function encode(value: Value): Buffer {
  return Buffer.from(encoder.encode(value));
}

/** Whether a value is an object. */
export function isObject(value: Value | undefined): value is ObjectValue {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Unknown);
}

/** Whether a value is a list or set. */
export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** Whether a value is unknown or holds something unknown. */
export function hasUnknown(value: Value): boolean {
  if (value instanceof Unknown) return true;
  if (isList(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}

/** The elements of a list or set; none for anything else. */
export function elements(value: Value | undefined): readonly Value[] {
  return isList(value) ? value : [];
}

/** A string that is not empty. */
export function nonEmpty(value: Value | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A value as text: a scalar as it is written, nothing for null, everything else as JSON. */
export function textOf(value: Value | undefined): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Whether two values of a type are the same to Terraform: sets compare without order. */
export function sameValue(a: Value, b: Value, type: CtyType): boolean {
  if (a === b) return true;
  if (isList(a) && isList(b)) {
    if (a.length !== b.length) return false;
    const [kind, element] = Array.isArray(type) ? (type as readonly ["list" | "set", CtyType]) : (["list", "dynamic"] as const);
    if (kind !== "set") return a.every((value, index) => sameValue(value, b[index] ?? null, element));
    const left = [...b];
    return a.every((value) => {
      const found = left.findIndex((other) => sameValue(value, other, element));
      if (found >= 0) left.splice(found, 1);
      return found >= 0;
    });
  }
  if (isObject(a) && isObject(b)) {
    const typeOf = (key: string): CtyType =>
      Array.isArray(type)
        ? type[0] === "object"
          ? ((type[1] as Readonly<Record<string, CtyType>>)[key] ?? "dynamic")
          : (type[1] as CtyType)
        : "dynamic";
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].every((key) => sameValue(a[key] ?? null, b[key] ?? null, typeOf(key)));
  }
  return isDeepStrictEqual(a, b);
}

/**
 * Completes an object so that every attribute of its block is present, as the wire requires. Keys that the block lacks
 * are dropped: they come from facts that know more than the served schema.
 */
export function complete(value: ObjectValue, block: Block): ObjectValue {
  return Object.fromEntries([
    ...block.attributes.map(({ name, type }): [string, Value] => [name, completeTyped(value[name] ?? null, type)]),
    ...block.blocks.map(({ name, nesting, block: inner }): [string, Value] => {
      const given = value[name];
      if (given instanceof Unknown) return [name, given];
      if (nesting === "single") return [name, isObject(given) ? complete(given, inner) : null];
      return [name, isList(given) ? given.map((item) => (isObject(item) ? complete(item, inner) : item)) : []];
    }),
  ]);
}

function completeTyped(value: Value, type: CtyType): Value {
  if (!Array.isArray(type)) return value;
  const [kind, inner] = type as readonly [string, unknown];
  if (isList(value)) return value.map((item) => completeTyped(item, inner as CtyType));
  if (isObject(value) && kind === "object")
    return Object.fromEntries(
      Object.entries(inner as Readonly<Record<string, CtyType>>).map(([name, own]) => [name, completeTyped(value[name] ?? null, own)]),
    );
  return value;
}

/** Values at a dotted path, with every element of the lists on the way. */
export function valuesAt(value: Value | undefined, path: readonly string[]): readonly Value[] {
  if (isList(value)) return value.flatMap((item) => valuesAt(item, path));
  const [first, ...rest] = path;
  if (first === undefined) return value === undefined ? [] : [value];
  return isObject(value) ? valuesAt(value[first], rest) : [];
}
