import { parse as parseYaml } from "yaml";
import { isObject } from "../../config/objects";
import { embedded } from "../redaction/structure";
import { COMPUTED, isReference, stepsOf } from "./attribute-paths";

/**
 * The part of a resource's attributes that says what it is to be. A release's values are merged as Helm merges them;
 * what providers repeat of a release or of an object as it runs is left out.
 */
export function readable(type: string, attributes: unknown): unknown {
  if (!isObject(attributes)) return attributes;
  if (type === "kubernetes_manifest") return { manifest: attributes["manifest"] };
  return type === "helm_release" ? { values: valuesOf(attributes) } : attributes;
}

function valuesOf({ values, set }: Readonly<Record<string, unknown>>): unknown {
  const texts: readonly unknown[] = Array.isArray(values) ? values : [values];
  if (texts.includes(COMPUTED)) return COMPUTED;
  const trees = texts.map((text) => (typeof text === "string" ? (embedded(text) ?? parsed(text)) : {}));
  // Text that is an expression as a whole says nothing before the apply.
  const unknown = trees.find(isReference);
  if (unknown !== undefined) return unknown;
  const single = (Array.isArray(set) ? set : []).flatMap((entry) => (isObject(entry) ? treeOf(entry) : []));
  return [...trees, ...single].reduce<unknown>(overlay, {});
}

/** One line of YAML is not told from a sentence elsewhere; here nothing else can stand. */
function parsed(text: string): unknown {
  try {
    return parseYaml(text);
  } catch {
    return text;
  }
}

/** `set` writes `a.b.c` for what values nest; elements of lists are left out. */
function treeOf({ name, value }: Readonly<Record<string, unknown>>): unknown {
  if (typeof name !== "string" || name.includes("[")) return {};
  return stepsOf(name).reduceRight<unknown>((inner, step) => ({ [step]: inner }), value);
}

function overlay(under: unknown, over: unknown): unknown {
  if (!isObject(under) || !isObject(over)) return over ?? under;
  const names = new Set([...Object.keys(under), ...Object.keys(over)]);
  return Object.fromEntries([...names].map((name) => [name, name in over ? overlay(under[name], over[name]) : under[name]]));
}
