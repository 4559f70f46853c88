import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Facts } from "../../rehearsal/facts";
import { deriveSchema, type ProviderName } from "../../rehearsal/provider/derive-schema";
import type { Block } from "../../rehearsal/provider/schema";
import { ROOT } from "../support/checkout";

const files = readdirSync(join(ROOT, "facts", "providers"), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".json"));
const resources = files.map((file) => file.replace(/^.*\/|\.json$/g, "")).filter((type) => !type.startsWith("data."));
const facts = new Facts(ROOT);
const schemaOf = (type: string): Block => deriveSchema(ROOT, type.split("_")[0] as ProviderName, "resource", type).block;

/** Every path that a schema has, dotted. */
function paths({ attributes, blocks }: Block, prefix = ""): readonly string[] {
  return [
    ...attributes.flatMap(({ name, type }) => [`${prefix}${name}`, ...objectPaths(type, `${prefix}${name}.`)]),
    ...blocks.flatMap(({ name, block }) => [`${prefix}${name}`, ...paths(block, `${prefix}${name}.`)]),
  ];
}

function objectPaths(type: unknown, prefix: string): readonly string[] {
  if (!Array.isArray(type)) return [];
  const [kind, inner] = type as [string, unknown];
  return kind === "object"
    ? Object.entries(inner as Record<string, unknown>).flatMap(([name, own]) => [
        `${prefix}${name}`,
        ...objectPaths(own, `${prefix}${name}.`),
      ])
    : objectPaths(inner, prefix);
}

describe("the schema derived from the packages", () => {
  it.each(resources)("of %s has every path that its facts speak of", (type) => {
    const known = new Set(paths(schemaOf(type)));
    const {
      forceNew = [],
      computed,
      serverDefaults = {},
      defaults = {},
      references = {},
      maxItems = {},
      unique = [],
    } = facts.resource(type);
    const named = [
      ...forceNew,
      ...Object.keys(computed),
      ...Object.keys(serverDefaults),
      ...Object.keys(references),
      ...Object.keys(maxItems),
      ...unique.flat().map((path) => path.replaceAll(/\.\d+/g, "")),
      ...Object.keys(defaults),
    ];
    expect(known.size).toBeGreaterThan(2);
    expect(named.filter((path) => !known.has(path))).toEqual([]);
  });

  it("agrees with the facts about what must be given", () => {
    const disagreements = resources.flatMap((type) => {
      const { attributes } = schemaOf(type);
      const required = ((facts.resource(type) as { required?: readonly string[] }).required ?? []).filter((path) => !path.includes("."));
      return attributes
        .filter(({ name }) => required.includes(name))
        .flatMap(({ name, required: derived }) => (derived ? [] : [`${type}.${name}`]));
    });
    expect(disagreements).toEqual([]);
  });

  it("tells lists from sets, blocks from attributes, and one from many", () => {
    const group = schemaOf("aws_eks_node_group");
    const attribute = (block: Block, name: string) => block.attributes.find((candidate) => candidate.name === name);
    const nested = (block: Block, name: string) => block.blocks.find((candidate) => candidate.name === name);
    expect(attribute(group, "instance_types")?.type).toEqual(["list", "string"]);
    expect(attribute(group, "subnet_ids")?.type).toEqual(["set", "string"]);
    expect(nested(group, "scaling_config")).toMatchObject({ nesting: "list", min: 1, max: 1 });
    expect(nested(group, "taint")).toMatchObject({ nesting: "set", min: 0, max: 0 });
    expect(nested(group, "timeouts")).toMatchObject({ nesting: "single" });
    expect(attribute(schemaOf("aws_security_group"), "ingress")?.type).toMatchObject(["set", ["object", { from_port: "number" }]]);
    expect(attribute(schemaOf("helm_release"), "set")?.type).toMatchObject(["list", ["object", { name: "string" }]]);
  });

  it("refuses a type that the package lacks", () => {
    expect(() => schemaOf("aws_no_such_thing")).toThrow();
  });
});
