import { z } from "zod";
import { nameFix } from "./nearest";
import type { Problem } from "./problems";
import { networkSchema } from "./schema";

/**
 * Checks a value against a schema and translates what zod finds into problems.
 * @param file prefix of every path, or "" for `fleet.ts`
 */
export function schemaProblems(schema: z.ZodType, value: unknown, file = ""): Problem[] {
  const result = schema.safeParse(value);
  return (result.error?.issues ?? []).flatMap((issue) => translate(issue, schema, value, file));
}

function translate(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown, file: string): Problem[] {
  const at = (path: readonly PropertyKey[]): string => `${file}${path.map(String).join(".")}` || "fleet";
  const path = at(issue.path);
  const given = (JSON.stringify(valueAt(value, issue.path)) as string | undefined) ?? "nothing";
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = keysAt(schema, issue.path, value);
      return issue.keys.map((key) => ({
        path: at([...issue.path, key]),
        reason: `"${key}" is not a field here`,
        fix: nameFix(key, known),
      }));
    }
    case "invalid_value":
      return [{ path, reason: `${given} is not valid`, fix: nameFix(String(valueAt(value, issue.path)), issue.values.map(String)) }];
    case "invalid_type":
      return valueAt(value, issue.path) === undefined
        ? [{ path, reason: "is required and missing", fix: `give it a value of type ${issue.expected}` }]
        : [{ path, reason: `${given} is not of type ${issue.expected}`, fix: `give it a value of type ${issue.expected}` }];
    case "too_small":
      return [{ path, reason: `${given} is too small`, fix: `use at least ${String(issue.minimum)}${unit(issue.origin)}` }];
    case "too_big":
      return [{ path, reason: `${given} is too large`, fix: `use at most ${String(issue.maximum)}${unit(issue.origin)}` }];
    case "invalid_union":
      return [
        {
          path,
          reason: `${given} ${issue.message === "Invalid input" ? "is not valid" : issue.message}`,
          fix: "see docs/fleet.md for the forms it can take",
        },
      ];
    default:
      return [{ path, reason: `${given} ${issue.message}`, fix: "correct it; docs/fleet.md describes the field" }];
  }
}

function unit(origin: string): string {
  return origin === "array" ? " entries" : origin === "string" ? " characters" : "";
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

/** Keys of the strict object that a path leads to; the schema is followed beside the value. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): readonly string[] {
  let inner: unknown = schema;
  let innerValue = value;
  for (const key of path) {
    inner = unwrap(inner, innerValue);
    innerValue = (innerValue as Record<PropertyKey, unknown> | undefined)?.[key];
    if (inner instanceof z.ZodObject)
      inner = key === "network" && isObject(innerValue) ? networkSchema(innerValue) : inner.shape[String(key)];
    else if (inner instanceof z.ZodRecord) inner = inner.valueType;
    else if (inner instanceof z.ZodArray) inner = inner.element;
  }
  inner = unwrap(inner, innerValue);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

function unwrap(schema: unknown, value: unknown): unknown {
  if (schema instanceof z.ZodOptional) return unwrap(schema.unwrap(), value);
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const kind = (value as { kind?: string } | undefined)?.kind;
    return schema.options.find(
      (option) => option instanceof z.ZodObject && (option.shape["kind"] as z.ZodLiteral | undefined)?.value === kind,
    );
  }
  return schema;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
