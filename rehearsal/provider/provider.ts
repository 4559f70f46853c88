import type { Facts } from "../facts";
import type { World, WorldObject } from "../world";
import { connectionOf, type Connection } from "./connection";
import { readDataSource } from "./data-sources";
import { deriveSchema, type ProviderName } from "./derive-schema";
import type { Operations } from "./operations";
import { planChange } from "./plan";
import { blockType, type Block } from "./schema";
import { protocolBlock, servedBlock } from "./served-schema";
import { validateConfig } from "./validate";
import { complete, decode, encode, isObject, sameValue, textOf, type ObjectValue, type Value, type PathStep } from "./values";
import type { CallName } from "./wire";

/** What a stand-in provider serves and works on. */
export interface ProviderOptions {
  readonly root: string;
  readonly name: ProviderName;
  /** Types that programs use; only their schemas are derived. */
  readonly types: { readonly resources: readonly string[]; readonly data: readonly string[] };
  readonly facts: Facts;
  readonly world: World;
  readonly operations: Operations;
}

/** Answers one call; `peer` tells connections apart. */
type Handler = (request: Record<string, unknown>, peer: string) => object | Promise<object>;

const ERROR = 1;

/** A provider of Terraform's plugin protocol whose objects live in the world. */
export class StandInProvider {
  private readonly resources: ReadonlyMap<string, Block>;
  private readonly data: ReadonlyMap<string, Block>;
  private readonly configuration: Block;
  private readonly connections = new Map<string, Connection>();

  constructor(private readonly options: ProviderOptions) {
    const { root, name, types, facts } = options;
    const own = (type: string) => type.startsWith(`${name}_`);
    this.resources = new Map(
      types.resources.filter(own).map((type) => [type, servedBlock(deriveSchema(root, name, "resource", type), facts.resource(type))]),
    );
    this.data = new Map(types.data.filter(own).map((type) => [type, deriveSchema(root, name, "data", type).block]));
    const { block } = deriveSchema(root, name, "provider", name);
    // The alias belongs to Terraform, not to the provider.
    this.configuration = { ...block, attributes: block.attributes.filter((attribute) => attribute.name !== "alias") };
  }

  readonly handlers: Readonly<Record<CallName, Handler>> = {
    GetMetadata: () => ({ server_capabilities: { plan_destroy: false } }),
    GetFunctions: () => ({}),
    StopProvider: () => {
      this.options.operations.interrupt();
      return {};
    },
    GetProviderSchema: () => ({
      provider: { version: 0, block: protocolBlock(this.configuration) },
      resource_schemas: schemas(this.resources),
      data_source_schemas: schemas(this.data),
      server_capabilities: { plan_destroy: false },
    }),
    ValidateProviderConfig: () => ({}),
    ConfigureProvider: (request, peer) => {
      const connection = connectionOf(objectOf(request["config"]));
      this.connections.set(peer, { ...connection, stack: connection.stack || platformBehind(this.options.world, connection.cluster) });
      return {};
    },
    ValidateResourceConfig: (request) => {
      const facts = this.options.facts.resource(String(request["type_name"]));
      const findings = validateConfig(facts, objectOf(request["config"]));
      return {
        diagnostics: findings.map(({ path, message }) => ({
          severity: ERROR,
          summary: message,
          detail: "",
          attribute: { steps: [{ attribute_name: path.split(".")[0] }] },
        })),
      };
    },
    ValidateDataResourceConfig: (request) => {
      this.options.facts.data(String(request["type_name"]));
      return {};
    },
    UpgradeResourceState: (request) => {
      const { json } = request["raw_state"] as { readonly json: Buffer };
      const state = JSON.parse(json.toString("utf8")) as ObjectValue;
      return { upgraded_state: dynamic(complete(state, this.block(request))) };
    },
    ReadResource: async (request, peer) => {
      const known = this.find(request, objectOf(request["current_state"]), request["private"]);
      const object = known && (await this.options.operations.read(known, this.connection(peer)));
      if (!object) return { new_state: dynamic(null) };
      const block = this.block(request);
      const current = objectOf(request["current_state"]);
      const fresh = complete(object.attributes, block);
      // Terraform compares bytes: what is only ordered differently must stay as it was.
      return { new_state: dynamic(sameValue(fresh, current, blockType(block)) ? current : fresh), private: privateOf(object) };
    },
    PlanResourceChange: (request, peer) => {
      const [prior, proposed] = [objectOrNull(request["prior_state"]), objectOrNull(request["proposed_new_state"])];
      if (!proposed) return { planned_state: dynamic(null) };
      const { defaultTags, region } = this.connection(peer);
      const type = String(request["type_name"]);
      const change = planChange({
        block: this.block(request),
        facts: this.options.facts.resource(type),
        prior,
        proposed,
        config: objectOf(request["config"]),
        defaultTags,
        region,
      });
      return {
        planned_state: dynamic(change.planned),
        requires_replace: change.replace.map(protocolPath),
        planned_private: request["prior_private"],
        legacy_type_system: change.legacy,
      };
    },
    ApplyResourceChange: (request, peer) => this.apply(request, this.connection(peer)),
    ImportResourceState: (request, peer) => {
      const type = String(request["type_name"]);
      const id = String(request["id"]);
      const { account } = this.connection(peer);
      const object =
        this.options.world.get(id) ??
        this.options.world.ofType(type).find((candidate) => candidate.account === account && candidate.attributes["id"] === id);
      if (!object) return failure(`Cannot import non-existent remote object: there is no ${type} "${id}"`);
      return {
        imported_resources: [
          { type_name: type, state: dynamic(complete(object.attributes, this.block(request))), private: privateOf(object) },
        ],
      };
    },
    ReadDataSource: (request, peer) => {
      const type = String(request["type_name"]);
      const block = this.data.get(type);
      if (!block) return failure(`The stand-in serves no data source ${type}`);
      return { state: dynamic(readDataSource(this.options.facts, type, block, objectOf(request["config"]), this.connection(peer))) };
    },
  };

  private async apply(request: Record<string, unknown>, connection: Connection): Promise<object> {
    const type = String(request["type_name"]);
    const block = this.block(request);
    const { operations } = this.options;
    const [prior, planned] = [objectOrNull(request["prior_state"]), objectOrNull(request["planned_state"])];
    const existing = prior ? this.find(request, prior, request["planned_private"]) : undefined;
    if (!planned) {
      // What is gone already needs no deletion: AWS answers "not found", and the provider is content.
      const { error } = existing ? await operations.delete(existing, connection) : { error: undefined };
      return error === undefined
        ? { new_state: dynamic(null) }
        : { new_state: dynamic(prior), private: request["planned_private"], diagnostics: diagnostics(error) };
    }
    if (prior && !existing)
      return { new_state: dynamic(prior), diagnostics: diagnostics(`NotFound: ${type} ${textOf(prior["id"])} does not exist any more`) };
    const outcome = existing
      ? await operations.update(existing, block, planned, connection)
      : await operations.create(type, block, planned, connection);
    const { object, error } = outcome;
    const state = error !== undefined && prior ? prior : object ? object.attributes : null;
    return {
      new_state: dynamic(state),
      ...(object ? { private: privateOf(object) } : {}),
      diagnostics: error === undefined ? [] : diagnostics(error),
      // Blocks that AWS filled in were unknown at plan; only the older type system lets them appear.
      legacy_type_system: true,
    };
  }

  private connection(peer: string): Connection {
    return this.connections.get(peer) ?? connectionOf({});
  }

  private block(request: Record<string, unknown>): Block {
    const type = String(request["type_name"]);
    const block = this.resources.get(type);
    if (!block) throw new Error(`The stand-in serves no resource type ${type}.`);
    return block;
  }

  /** The object behind a state: by the key in its private part, else by id. */
  private find(request: Record<string, unknown>, state: ObjectValue, privateBytes: unknown): WorldObject | undefined {
    const key =
      Buffer.isBuffer(privateBytes) && privateBytes.length > 0
        ? (JSON.parse(privateBytes.toString("utf8")) as { key?: string }).key
        : undefined;
    if (key !== undefined) return this.options.world.get(key);
    const type = String(request["type_name"]);
    return this.options.world.ofType(type).find((object) => object.attributes["id"] === state["id"]);
  }
}

/** Providers inside a cluster carry no tags: what they make belongs to the platform of the colour whose API they reach. */
function platformBehind(world: World, endpoint: string): string {
  const found = endpoint === "" ? undefined : world.ofType("aws_eks_cluster").find(({ attributes }) => attributes["endpoint"] === endpoint);
  const tags = found?.attributes["tags_all"] as Readonly<Record<string, string>> | null | undefined;
  const [cluster, colour] = [tags?.["drydock:cluster"], tags?.["drydock:colour"]];
  return cluster === undefined || colour === undefined ? "" : `${cluster}-${colour}-platform`;
}

function schemas(blocks: ReadonlyMap<string, Block>): object {
  return Object.fromEntries([...blocks].map(([type, block]) => [type, { version: 0, block: protocolBlock(block) }]));
}

function objectOf(dynamicValue: unknown): ObjectValue {
  return objectOrNull(dynamicValue) ?? {};
}

function objectOrNull(dynamicValue: unknown): ObjectValue | null {
  const { msgpack } = dynamicValue as { readonly msgpack: Buffer };
  const value = decode(msgpack);
  return isObject(value) ? value : null;
}

function dynamic(value: Value): object {
  return { msgpack: encode(value) };
}

function privateOf({ key }: WorldObject): Buffer {
  return Buffer.from(JSON.stringify({ key }));
}

function protocolPath(path: readonly PathStep[]): object {
  return { steps: path.map((step) => (typeof step === "number" ? { element_key_int: step } : { attribute_name: step })) };
}

function diagnostics(summary: string): readonly object[] {
  return [{ severity: ERROR, summary, detail: "" }];
}

function failure(summary: string): object {
  return { diagnostics: diagnostics(summary) };
}
