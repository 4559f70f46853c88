import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Attribute, Block, CtyType, DerivedSchema, NestedBlock } from "./schema";

/** Providers whose schema the installed packages carry. */
export type ProviderName = "aws" | "helm" | "kubernetes";

/** What of a provider a schema is wanted for. */
export type SchemaKind = "resource" | "data" | "provider";

/**
 * Derives the schema of one type from the generated TypeScript that its installed package carries in a source map.
 *
 * @param root folder whose `node_modules` hold the packages
 * @throws {Error} on a type that the package lacks and on every shape that is not understood: a guess would plan wrongly
 */
export function deriveSchema(root: string, provider: ProviderName, kind: SchemaKind, type: string): DerivedSchema {
  const source = generatedSource(root, provider, modulePath(provider, kind, type));
  const mappers = hclMappers(source);
  const classes = classBodies(source, mappers);
  const base = { resource: "TerraformResource", data: "TerraformDataSource", provider: "TerraformProvider" }[kind];
  const main = [...classes.values()].find((candidate) => candidate.base === base);
  const named = /tfResourceType = "(\w+)"/.exec(main?.body ?? "")?.[1];
  if (!main || named !== (kind === "provider" ? provider : type)) throw new Error(`The package of ${provider} has no ${kind} ${type}.`);
  return { type, version: 0, block: kind === "provider" ? mappedBlock(main.hcl, mappers, []) : blockOf(main, classes, []) };
}

/** Metadata of the arguments of a struct, by name: how the generated code writes them as HCL. */
type HclMetadata = ReadonlyMap<string, { readonly value: string; readonly type: string }>;

interface ClassBody {
  readonly base: string;
  readonly body: string;
  readonly hcl: HclMetadata;
}

function modulePath(provider: ProviderName, kind: SchemaKind, type: string): string {
  if (kind === "provider") return "provider";
  const name = type.slice(provider.length + 1).replaceAll("_", "-");
  return kind === "data" ? `data-${provider}-${name}` : name;
}

function generatedSource(root: string, provider: ProviderName, module: string): string {
  const packageJson = createRequire(join(root, "package.json")).resolve(`@cdktf/provider-${provider}/package.json`);
  const compiled = readFileSync(join(dirname(packageJson), "lib", module, "index.js"), "utf8");
  const [, encoded] = /sourceMappingURL=data:application\/json;base64,([\w+/=]+)/.exec(compiled) ?? [];
  const map = JSON.parse(Buffer.from(encoded ?? "", "base64").toString("utf8")) as { readonly sourcesContent?: readonly string[] };
  const [source] = map.sourcesContent ?? [];
  if (source === undefined) throw new Error(`@cdktf/provider-${provider}/lib/${module} carries no source.`);
  return source;
}

/** The functions that write structs as HCL, by the struct's name in lower case. */
function hclMappers(source: string): ReadonlyMap<string, HclMetadata> {
  const functions = source.matchAll(/^export function (\w+)ToHclTerraform\([^]*?^\}/gm);
  return new Map([...functions].map(([text, name = ""]) => [name.toLowerCase(), hclMetadata(text)]));
}

function classBodies(source: string, mappers: ReadonlyMap<string, HclMetadata>): ReadonlyMap<string, ClassBody> {
  const starts = [...source.matchAll(/^export class (\w+) extends cdktf\.(\w+) \{/gm)];
  return new Map(
    starts.map((start, index) => {
      const [, name = "", base = ""] = start;
      const body = source.slice(start.index, starts[index + 1]?.index);
      const struct = name.replace(/OutputReference$/, "").toLowerCase();
      return [name, { base, body, hcl: base === "ComplexObject" ? (mappers.get(struct) ?? new Map()) : hclMetadata(body) }];
    }),
  );
}

function hclMetadata(text: string): HclMetadata {
  const entries = text.matchAll(/^\s+(\w+): \{\n\s+value: (.*),\n\s+isBlock: (?:true|false),\n\s+type: "(\w+)",/gm);
  return new Map([...entries].map(([, name = "", value = "", type = ""]) => [name, { value, type }]));
}

function blockOf({ body, hcl }: ClassBody, classes: ReadonlyMap<string, ClassBody>, path: readonly string[]): Block {
  const attributes: Attribute[] = [];
  const blocks: NestedBlock[] = [];
  const members = [
    ...body.matchAll(
      /^ {2}\/\/ (\w+) - computed: (true|false), optional: (true|false), required: (true|false)\n([^]*?)(?=^ {2}\/\/ \w+ - computed|^ {2}\/\/ =====|^\})/gm,
    ),
  ];
  for (const [, name = "", computed, optional, required, code = ""] of members) {
    const where = [...path, name];
    const flags = { computed: computed === "true", optional: optional === "true", required: required === "true" };
    const nested = /new (\w+?)(List|Map|OutputReference)\(this, "\w+"(?:, (true|false))?\)/.exec(code);
    if (!nested) {
      attributes.push({
        name,
        type: simpleType(code, where, hcl.get(name)?.type),
        ...flags,
        sensitive: false,
        writeOnly: name.endsWith("_wo"),
      });
      continue;
    }
    const [, struct = "", shape, wrapsSet] = nested;
    const inner = classes.get(`${struct}OutputReference`);
    // Primitive maps and lists of an element that is itself a list have classes of cdktf's own, which nothing here uses.
    if (!inner) throw new Error(`${where.join(".")}: no class ${struct}OutputReference`);
    const block = blockOf(inner, classes, where);
    const metadata = hcl.get(name);
    const collection = wrapsSet === "true" ? "set" : "list";
    const asBlock =
      flags.computed && !flags.optional && !flags.required
        ? false
        : shape === "List"
          ? /, true\)/.test(metadata?.value ?? "")
          : shape === "OutputReference";
    if (!asBlock) {
      const element = objectType(block);
      const type: CtyType = shape === "Map" ? ["map", element] : shape === "OutputReference" ? element : [collection, element];
      attributes.push({ name, type, ...flags, sensitive: false, writeOnly: false });
    } else if (shape === "List") {
      blocks.push({ name, nesting: collection, block, min: flags.required ? 1 : 0, max: 0 });
    } else if (metadata?.type === "struct") {
      blocks.push({ name, nesting: "single", block, min: 0, max: 0 });
    } else {
      blocks.push({ name, nesting: metadata?.type === "set" ? "set" : "list", block, min: flags.required ? 1 : 0, max: 1 });
    }
  }
  return { attributes, blocks };
}

function objectType({ attributes, blocks }: Block): CtyType {
  return [
    "object",
    Object.fromEntries([
      ...attributes.map(({ name, type }): [string, CtyType] => [name, type]),
      ...blocks.map(({ name, nesting, block }): [string, CtyType] => [
        name,
        nesting === "single" ? objectType(block) : [nesting, objectType(block)],
      ]),
    ]),
  ];
}

const GETTERS: Readonly<Record<string, CtyType>> = {
  String: "string",
  Number: "number",
  Boolean: "bool",
  List: ["list", "string"],
  NumberList: ["list", "number"],
  StringMap: ["map", "string"],
  NumberMap: ["map", "number"],
  BooleanMap: ["map", "bool"],
  AnyMap: ["map", "dynamic"],
};

function simpleType(code: string, where: readonly string[], hclType: string | undefined): CtyType {
  const [, map] = /new cdktf\.(String|Number|Boolean|Any)Map\(/.exec(code) ?? [];
  if (map !== undefined)
    return ["map", ({ String: "string", Number: "number", Boolean: "bool", Any: "dynamic" } as const)[map as "String"]];
  const [, toList, getter = ""] =
    /return (cdktf\.Fn\.tolist\(|cdktf\.Token\.asNumberList\(cdktf\.Fn\.tolist\()?this\.get(\w+)Attribute\(/.exec(code) ?? [];
  const type = GETTERS[getter];
  if (type === undefined) throw misunderstood(where, code);
  return Array.isArray(type) && type[0] === "list" && (toList !== undefined || hclType === "set") ? ["set", type[1] as CtyType] : type;
}

/** A provider's own arguments have no getters to read types from; the functions that write them as HCL have them. */
function mappedBlock(hcl: HclMetadata, mappers: ReadonlyMap<string, HclMetadata>, path: readonly string[]): Block {
  const attributes: Attribute[] = [];
  const blocks: NestedBlock[] = [];
  for (const [name, { value, type: hclType }] of hcl) {
    const where = [...path, name];
    const [, mapper = "", element = ""] =
      /(?:cdktf\.(listMapperHcl|hashMapperHcl)\()?(?:cdktf\.)?(\w+)ToHclTerraform[,()]/.exec(value) ?? [];
    const primitive = ({ string: "string", number: "number", boolean: "bool" } as const)[element as "string"] as CtyType | undefined;
    if (primitive !== undefined) {
      const type: CtyType =
        mapper === "" ? primitive : [mapper === "hashMapperHcl" ? "map" : hclType === "set" ? "set" : "list", primitive];
      attributes.push({ name, type, required: false, optional: true, computed: false, sensitive: false, writeOnly: false });
      continue;
    }
    const struct = mappers.get(element.toLowerCase());
    if (!struct) throw misunderstood(where, value);
    const nesting = mapper === "" ? "single" : hclType === "set" ? "set" : "list";
    blocks.push({ name, nesting, block: mappedBlock(struct, mappers, where), min: 0, max: 0 });
  }
  return { attributes, blocks };
}

function misunderstood(where: readonly string[], code: string): Error {
  return new Error(`${where.join(".")}: a shape that Drydock does not understand: ${code.split("\n").slice(0, 3).join(" ")}`);
}
