import { parse } from "yaml";
import type { KeyTree } from "../config/key-tree";
import type { ArchiveFile } from "./archive";
import { schemaTree } from "./schema-tree";
import { mergeTrees } from "./merge-trees";
import { withTemplateKeys } from "./template-keys";

/**
 * Derives which values a chart knows and of which types: from its default values, its values schema and the names that
 * its templates ask for, subcharts included. Names and types only; no text of the chart is in it.
 *
 * @param files files of the package
 * @param folder folder of the chart within the package, such as `traefik`
 * @throws {Error} when the folder holds no chart
 */
export function deriveKeyTree(files: readonly ArchiveFile[], folder: string): KeyTree {
  const text = (name: string): string | undefined => files.find((file) => file.name === `${folder}/${name}`)?.content;
  const manifest = text("Chart.yaml");
  if (manifest === undefined) throw new Error(`${folder} holds no Chart.yaml`);
  const { dependencies = [] } = parse(manifest) as { readonly dependencies?: readonly Dependency[] };
  const defaults = parse(text("values.yaml") ?? "{}") as Readonly<Record<string, unknown>> | null;
  const schema = text("values.schema.json");
  // Default values may hold templates too, which the chart renders.
  const isTemplate = (name: string): boolean => name === `${folder}/values.yaml` || name.startsWith(`${folder}/templates/`);
  const templates = files.filter(({ name }) => isTemplate(name)).map(({ content }) => content);

  const own = mergeTrees(defaultsTree(defaults ?? {}), schema === undefined ? {} : schemaTree(JSON.parse(schema) as object));
  const subcharts = dependencies.reduce<KeyTree>((tree, { name, alias, condition }) => {
    const inner = files.some((file) => file.name === `${folder}/charts/${name}/Chart.yaml`)
      ? { [alias ?? name]: deriveKeyTree(files, `${folder}/charts/${name}`) }
      : {};
    return [inner, ...(condition ?? "").split(",").filter(Boolean).map(switchAt)].reduce(mergeTrees, tree);
  }, {});
  // Helm hands `global` to every subchart, whether or not the chart itself reads it.
  return [withTemplateKeys(own, templates), subcharts, { global: { "*": "any" } }].reduce<KeyTree>(mergeTrees, {});
}

interface Dependency {
  readonly name: string;
  readonly alias?: string;
  /** Comma-separated paths of switches. */
  readonly condition?: string;
}

function switchAt(path: string): KeyTree {
  return path
    .trim()
    .split(".")
    .reduceRight<KeyTree | "boolean">((inner, key) => ({ [key]: inner }), "boolean") as KeyTree;
}

function defaultsTree(defaults: Readonly<Record<string, unknown>>): KeyTree {
  return Object.fromEntries(Object.entries(defaults).map(([key, value]) => [key, defaultNode(value)]));
}

function defaultNode(value: unknown): KeyTree | string {
  if (value === null || value === undefined) return "any";
  if (Array.isArray(value)) return "list";
  if (typeof value !== "object") return typeof value;
  const keys = Object.keys(value);
  // Labels, annotations and selectors come with an example; their keys are the user's.
  if (keys.length === 0 || keys.some((key) => key.includes("/"))) return "map";
  return defaultsTree(value as Readonly<Record<string, unknown>>);
}
