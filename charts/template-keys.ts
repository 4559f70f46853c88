import type { KeyTree } from "../config/key-tree";
import { mergeTrees } from "./merge-trees";

/** `.Values.a.b` or `$.Values.a.b`, with the path. */
const REFERENCE = String.raw`\$?\.Values((?:\.[A-Za-z_]\w*)+)`;

/** Ways in which a template hands a value on as a whole, so that keys of any name have an effect. */
const WHOLE = [
  new RegExp(String.raw`(?:toYaml|toJson|range|tpl|index)\s+\(?\s*${REFERENCE}(?=[\s)|}])`, "g"),
  new RegExp(String.raw`range[^}]*:=\s*\(?\s*${REFERENCE}(?=[\s)|}])`, "g"),
  new RegExp(String.raw`${REFERENCE}\s*\|[^}]*to(?:Yaml|Json)`, "g"),
  new RegExp(String.raw`index\s+\$?\.Values\s+"([^"]+)"\s*(?:\)(?!\.)|[|}])`, "g"),
  new RegExp(String.raw`omit\s+${REFERENCE}[^}|]*\|[^}]*to(?:Yaml|Json)`, "g"),
  // Charts' own helpers that write a map of any keys, such as "...convertMapToCsv".
  new RegExp(String.raw`include\s+"[^"]*[mM]ap[^"]*"\s+${REFERENCE}(?=[\s)|}])`, "g"),
];

/** A block over one value; its text may print the value whole. */
const WITH = new RegExp(String.raw`(?:with|range)\s+${REFERENCE}\s*-?}}([^]*?){{-?\s*(?:end|with|range)\b`, "g");

const PRINTS_WHOLE = /to(?:Yaml|Json)\s+\$?\.[\s)|}]|[\s(]\.\s*\|\s*to(?:Yaml|Json)/;

/** `dig "a" "b" <default> .Values.c` asks for `.Values.c.a.b`. */
const DIG = new RegExp(String.raw`dig((?:\s+"\w*")+)\s[^{}]*?${REFERENCE}(?=[\s)|}])`, "g");

/** A value that may also be text: the template asks what it is, or renders it as a template. */
const TEXT = new RegExp(String.raw`(?:kindIs|typeIs)\s+"string"\s+${REFERENCE}(?=[\s)|}])|tpl\s+${REFERENCE}(?=[\s)|}])`, "g");

/**
 * Adds to a tree the keys that only templates know (most charts leave some out of their default values), and opens the
 * objects that templates hand on whole.
 */
export function withTemplateKeys(tree: KeyTree, sources: readonly string[]): KeyTree {
  const templates = sources.map(withoutVariables);
  const matches = (pattern: RegExp): string[][] =>
    templates.flatMap((text) =>
      [...text.matchAll(pattern)].map((match) => match.slice(1).map((group) => (group as string | undefined) ?? "")),
    );
  const paths = (pattern: RegExp): readonly (readonly string[])[] =>
    matches(pattern).map((groups) => steps(groups.find((group) => group !== "") ?? ""));

  const whole = [
    ...WHOLE.flatMap(paths),
    ...matches(WITH).flatMap(([path = "", body = ""]) => (PRINTS_WHOLE.test(body) ? [steps(path)] : [])),
  ];
  const dug = matches(DIG).map(([names = "", path = ""]) => [
    ...steps(path),
    ...[...names.matchAll(/"(\w+)"/g)].map(([, name = ""]) => name),
  ]);
  const known = [...paths(new RegExp(REFERENCE, "g")), ...dug].reduce((all, path) => mergeTrees(all, branch(path, "any")), tree);
  const opened = whole.reduce(open, known);
  return paths(TEXT).reduce((all, path) => mergeTrees(all, leafOnly(all, path)), opened);
}

/** A variable that stands for a value: `$values := mustMergeOverwrite .Values.a (or .Values.b dict)`. */
const VARIABLE = new RegExp(
  String.raw`\$(\w+)\s*:=\s*\(?\s*(?:(?:must)?[mM]erge(?:Overwrite)?\s+|deepCopy\s+)?${REFERENCE}(?=[\s)}])`,
  "g",
);

/** Writes out what the variables of a template stand for, where each stands for one thing only. */
function withoutVariables(template: string): string {
  const found = [...template.matchAll(VARIABLE)].map(([, name = "", path = ""]) => ({ name, path }));
  const unique = found.filter(({ name, path }) => found.every((other) => other.name !== name || other.path === path));
  return unique.reduce((text, { name, path }) => text.replaceAll(`$${name}.`, `.Values${path}.`), template);
}

/** Steps of a path; a name in quotes, which may hold dots, is one step. */
function steps(path: string): readonly string[] {
  return path.startsWith(".") ? path.split(".").filter(Boolean) : [path];
}

function branch(path: readonly string[], leaf: string): KeyTree {
  return path.reduceRight<KeyTree | string>((inner, key) => ({ [key]: inner }), leaf) as KeyTree;
}

/** Text is one more type of a leaf; where keys are known, they stay. */
function leafOnly(tree: KeyTree, path: readonly string[]): KeyTree {
  const node = path.reduce<KeyTree | string | undefined>((inner, key) => (typeof inner === "object" ? inner[key] : undefined), tree);
  return typeof node === "string" && node !== "any" ? branch(path, "string") : {};
}

function open(tree: KeyTree, [key, ...rest]: readonly string[]): KeyTree {
  const node = key === undefined ? undefined : tree[key];
  if (key === undefined || typeof node !== "object") return tree;
  return { ...tree, [key]: rest.length === 0 ? openedWhole(node) : open(node, rest) };
}

/** What is handed on as a whole is handed on with everything in it. */
function openedWhole(tree: KeyTree): KeyTree {
  const inner = Object.entries(tree).map(([key, node]) => [key, typeof node === "object" ? openedWhole(node) : node]);
  return { ...(Object.fromEntries(inner) as KeyTree), "*": "any" };
}
