/** A cty type, as Terraform writes it in JSON. */
export type CtyType =
  | "string"
  | "number"
  | "bool"
  | "dynamic"
  | readonly ["list" | "set" | "map", CtyType]
  | readonly ["object", Readonly<Record<string, CtyType>>];

/** An attribute of a block. */
export interface Attribute {
  readonly name: string;
  readonly type: CtyType;
  readonly required: boolean;
  readonly optional: boolean;
  readonly computed: boolean;
  readonly sensitive: boolean;
  readonly writeOnly: boolean;
}

/** A block within a block. `single` is one object; list and set hold any number up to `max`. */
export interface NestedBlock {
  readonly name: string;
  readonly nesting: "list" | "set" | "single";
  readonly block: Block;
  readonly min: number;
  /** 0 for any number. */
  readonly max: number;
}

/** Attributes and blocks of a resource, a data source, a provider, or of a block in one of them. */
export interface Block {
  readonly attributes: readonly Attribute[];
  readonly blocks: readonly NestedBlock[];
}

/** What a provider package says about one resource or data source. */
export interface DerivedSchema {
  readonly type: string;
  readonly version: number;
  readonly block: Block;
}

/** The cty type of a whole block. */
export function blockType(block: Block): CtyType {
  return [
    "object",
    Object.fromEntries([
      ...block.attributes.map(({ name, type }): [string, CtyType] => [name, type]),
      ...block.blocks.map(({ name, nesting, block: inner }): [string, CtyType] => [
        name,
        nesting === "single" ? blockType(inner) : [nesting, blockType(inner)],
      ]),
    ]),
  ];
}
