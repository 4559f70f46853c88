import type { ResourceFacts } from "../facts";
import { type Block, type DerivedSchema } from "./schema";

const NESTING = { single: 1, list: 2, set: 3 } as const;

/**
 * The schema as the stand-in serves it: what the packages say, completed by the facts. Terraform refuses a planned
 * value on an attribute that is not computed, so whatever has a default or is filled in by AWS becomes computed.
 */
export function servedBlock({ block }: DerivedSchema, facts: ResourceFacts | undefined): Block {
  return facts ? complete(block, facts, "") : block;
}

function complete(block: Block, facts: ResourceFacts, prefix: string): Block {
  return {
    attributes: block.attributes.map((attribute) => {
      const path = `${prefix}${attribute.name}`;
      const filled =
        Object.hasOwn(facts.defaults ?? {}, path) || Object.hasOwn(facts.serverDefaults ?? {}, path) || Object.hasOwn(facts.computed, path);
      return {
        ...attribute,
        computed: attribute.computed || (filled && !attribute.required),
        sensitive: facts.sensitive?.includes(path) ?? false,
      };
    }),
    blocks: block.blocks.map((nested) => {
      const path = `${prefix}${nested.name}`;
      return { ...nested, max: facts.maxItems?.[path] ?? nested.max, block: complete(nested.block, facts, `${path}.`) };
    }),
  };
}

/** A block as the protocol writes it. */
export function protocolBlock(block: Block): object {
  return {
    attributes: block.attributes.map(({ name, type, required, optional, computed, sensitive, writeOnly }) => ({
      name,
      type: Buffer.from(JSON.stringify(type)),
      required,
      optional,
      computed,
      sensitive,
      write_only: writeOnly,
    })),
    block_types: block.blocks.map(({ name, nesting, block: inner, min, max }) => ({
      type_name: name,
      nesting: NESTING[nesting],
      block: protocolBlock(inner),
      min_items: nesting === "single" ? 0 : min,
      max_items: nesting === "single" ? 0 : max,
    })),
  };
}
