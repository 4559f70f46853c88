import type { KeyTree } from "../config/key-tree";
import { mergeTrees } from "./merge-trees";

interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema | boolean>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

/** What a values schema says of keys and types. Everything else in it is checked against the schema itself. */
export function schemaTree(schema: object): KeyTree {
  const node = schemaNode(schema, schema, []);
  return typeof node === "object" ? node : {};
}

function schemaNode(schema: JsonSchema | boolean, root: object, seen: readonly string[]): KeyTree | string {
  if (typeof schema === "boolean") return "any";
  if (schema.$ref !== undefined) {
    // A schema that contains itself describes values of any depth.
    if (seen.includes(schema.$ref)) return "any";
    return schemaNode(resolve(schema.$ref, root), root, [...seen, schema.$ref]);
  }
  const alternatives = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  if (alternatives.length > 0) {
    const rest = { ...schema, anyOf: [], oneOf: [], allOf: [] };
    return [...alternatives, rest].map((each) => schemaNode(each, root, seen)).reduce(either);
  }
  const types = [schema.type ?? []].flat().filter((type) => type !== "null");
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length > 0) {
    const known = Object.fromEntries(properties.map(([key, value]) => [key, schemaNode(value, root, seen)]));
    const open = schema.additionalProperties !== undefined && schema.additionalProperties !== false;
    return open ? { ...known, "*": "any" } : known;
  }
  return types.length === 0 ? "any" : types.map((type) => TYPE_NAMES[type] ?? "any").join("|");
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: "string",
  integer: "number",
  number: "number",
  boolean: "boolean",
  array: "list",
  object: "map",
};

function either(a: KeyTree | string, b: KeyTree | string): KeyTree | string {
  return mergeTrees({ node: a }, { node: b })["node"] ?? "any";
}

function resolve(reference: string, root: object): JsonSchema {
  const target = reference
    .replace(/^#\/?/, "")
    .split("/")
    .filter(Boolean)
    .map((step) => decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((inner, step) => (inner as Readonly<Record<string, unknown>> | undefined)?.[step], root);
  // What lies in another document cannot be followed without a network.
  return (reference.startsWith("#") ? (target as JsonSchema | undefined) : undefined) ?? {};
}
