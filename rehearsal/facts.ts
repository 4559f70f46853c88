import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** How long an operation takes on AWS: what was seen, else an estimate. */
export type Duration =
  { readonly basis: "observed"; readonly samples: readonly number[] } | { readonly basis: "estimate"; readonly estimate: number };

/** A reference from an argument to another object. */
export interface Reference {
  readonly type: string;
  /** Attribute of the other object that the argument holds. */
  readonly by: string;
  /** The other object may have been made outside of the fleet. */
  readonly adoptable?: boolean;
  /** Error with which AWS refuses to delete the other object meanwhile. */
  readonly blocksDeletion?: string;
}

/** How the provider treats one resource type; see facts/schema/resource-facts.schema.json. */
export interface ResourceFacts {
  readonly type: string;
  readonly framework: boolean;
  readonly scope: "global" | "account" | "region" | "cluster";
  readonly forceNew?: readonly string[];
  readonly conditionalForceNew?: readonly { readonly path: string; readonly when: string }[];
  readonly sensitive?: readonly string[];
  readonly optionalComputed?: readonly string[];
  /** Attributes that only AWS sets. */
  readonly computedOnly?: readonly string[];
  readonly volatile?: readonly string[];
  readonly deletionProtection?: readonly string[];
  readonly exactlyOneOf?: readonly (readonly string[])[];
  readonly atLeastOneOf?: readonly (readonly string[])[];
  readonly conflictsWith?: readonly (readonly string[])[];
  readonly unique?: readonly (readonly string[])[];
  readonly uniqueUnless?: string;
  /** Creating it where it exists takes it over, as an API call that puts does. */
  readonly upsert?: boolean;
  readonly requiredWith?: Readonly<Record<string, readonly string[]>>;
  readonly defaults?: Readonly<Record<string, unknown>>;
  readonly enums?: Readonly<Record<string, readonly (string | number)[]>>;
  readonly ranges?: Readonly<Record<string, string>>;
  readonly maxItems?: Readonly<Record<string, number>>;
  readonly serverDefaults?: Readonly<Record<string, unknown>>;
  readonly computed: Readonly<Record<string, unknown>>;
  readonly references?: Readonly<Record<string, Reference>>;
  readonly seconds: Readonly<Record<"create" | "update" | "delete", Duration>>;
}

/** How the provider answers one data source. */
export interface DataFacts {
  readonly type: string;
  readonly computed: Readonly<Record<string, unknown>>;
}

/** Reads facts from the checkout, each file once. */
export class Facts {
  private readonly cache = new Map<string, unknown>();

  /**
   * @param deletions whether what is protected, or in use elsewhere, is refused its deletion, as AWS does; a copy that
   *   only shows what would come after a change refuses nothing
   */
  constructor(
    private readonly root: string,
    private readonly deletions: "as-aws" | "never-refused" = "as-aws",
  ) {}

  /** @throws {Error} for a type without facts: behaving by guess would plan a replacement as an update */
  resource(type: string): ResourceFacts {
    return this.read(type, `${type}.json`) as ResourceFacts;
  }

  /** Facts of a type, or undefined where there are none: for reports about types that the stand-in never plays. */
  known(type: string): ResourceFacts | undefined {
    return existsSync(join(this.root, "facts", "providers", type.split("_")[0] ?? "", `${type}.json`)) ? this.resource(type) : undefined;
  }

  /** @throws {Error} for a type without facts */
  data(type: string): DataFacts {
    return this.read(type, `data.${type}.json`) as DataFacts;
  }

  private read(type: string, file: string): unknown {
    const path = join(this.root, "facts", "providers", type.split("_")[0] ?? "", file);
    const cached = this.cache.get(path);
    if (cached !== undefined) return cached;
    if (!existsSync(path)) throw new Error(`There are no facts about ${type}. Add ${path.slice(this.root.length + 1)} with their source.`);
    const facts: unknown = JSON.parse(readFileSync(path, "utf8"), (key, value: unknown) =>
      this.deletions === "never-refused" && (key === "blocksDeletion" || key === "deletionProtection") ? undefined : value,
    );
    this.cache.set(path, facts);
    return facts;
  }
}
