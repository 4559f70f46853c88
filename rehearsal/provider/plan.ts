import type { ResourceFacts } from "../facts";
import { CONDITIONAL_FORCE } from "./conditional-force";
import { blockType, type Block, type NestedBlock } from "./schema";
import { isList, isObject, sameValue, Unknown, type ObjectValue, type Value, type PathStep } from "./values";

/** A change that Terraform asks to be planned. */
export interface ChangeRequest {
  readonly block: Block;
  readonly facts: ResourceFacts;
  readonly prior: ObjectValue | null;
  /** Configuration merged with what was there before, by Terraform. */
  readonly proposed: ObjectValue;
  readonly config: ObjectValue;
  /** Tags of the provider's `default_tags`. */
  readonly defaultTags: Readonly<Record<string, string>>;
  readonly region: string;
}

/** What becomes of a change. */
export interface PlannedChange {
  readonly planned: ObjectValue;
  /** Paths whose change forces a replacement. */
  readonly replace: readonly (readonly PathStep[])[];
  /** Set where AWS fills in whole blocks, which only the older type system permits. */
  readonly legacy: boolean;
}

/** Plans a create or an update the way the provider would, by the facts of the type. */
export function planChange(request: ChangeRequest): PlannedChange {
  const { block, facts, prior, proposed, config } = request;
  const type = blockType(block);
  const state = { legacy: false };
  const planned = { ...planBlock({ block, facts, prefix: "", state }, config, proposed, prior) };
  planProviderWide(request, planned);
  if (prior && sameValue(planned, prior, type)) return { planned: prior, replace: [], legacy: state.legacy };
  for (const path of prior ? (facts.volatile ?? []) : []) planned[path] = Unknown.instance;
  return { planned, replace: prior ? forcingPaths(facts, block, prior, planned) : [], legacy: state.legacy };
}

/** What the provider itself decides for every type: tags and region. */
function planProviderWide({ block, config, proposed, defaultTags, region, prior }: ChangeRequest, planned: Record<string, Value>): void {
  const has = (name: string) => block.attributes.some((attribute) => attribute.name === name);
  if (has("tags_all")) {
    const tags = config["tags"] ?? null;
    planned["tags_all"] = tags instanceof Unknown ? tags : { ...defaultTags, ...(isObject(tags) ? tags : {}) };
  }
  if (has("region") && (config["region"] ?? null) === null) planned["region"] = prior ? (proposed["region"] ?? region) : region;
}

interface BlockContext {
  readonly block: Block;
  readonly facts: ResourceFacts;
  /** Dotted path of the block with a dot at its end, without indexes. */
  readonly prefix: string;
  readonly state: { legacy: boolean };
}

function planBlock(context: BlockContext, config: ObjectValue, proposed: ObjectValue, prior: ObjectValue | null): ObjectValue {
  const { block, facts, prefix } = context;
  const attributes = block.attributes.map(({ name, computed }): [string, Value] => {
    const path = `${prefix}${name}`;
    if ((config[name] ?? null) !== null || !computed) return [name, proposed[name] ?? null];
    const fallback = facts.defaults?.[path];
    if (fallback !== undefined) return [name, fallback as Value];
    return [name, prior ? (proposed[name] ?? null) : Unknown.instance];
  });
  const blocks = block.blocks.map((nested): [string, Value] => [
    nested.name,
    planNested(context, nested, config[nested.name] ?? null, proposed[nested.name] ?? null, prior?.[nested.name] ?? null, prior !== null),
  ]);
  return Object.fromEntries([...attributes, ...blocks]);
}

function planNested(context: BlockContext, nested: NestedBlock, config: Value, proposed: Value, prior: Value, exists: boolean): Value {
  const path = `${context.prefix}${nested.name}`;
  const inner = { ...context, block: nested.block, prefix: `${path}.` };
  if (config instanceof Unknown) return config;
  if (nested.nesting === "single")
    return isObject(config) ? planBlock(inner, config, isObject(proposed) ? proposed : config, isObject(prior) ? prior : null) : null;

  const items = isList(config) ? config : [];
  if (items.length === 0 && isServerFilled(context.facts, path)) {
    if (exists && !(isList(prior) && prior.length > 0)) return [];
    context.state.legacy = true;
    return exists ? prior : Unknown.instance;
  }
  const before = isList(prior) ? prior : [];
  const suggested = isList(proposed) ? proposed : [];
  return items.map((item, index) => {
    if (!isObject(item)) return item;
    const candidate = suggested[index];
    const previous =
      nested.nesting === "list" ? before[index] : before.find((other) => isObject(other) && agrees(item, other, nested.block));
    return planBlock(
      inner,
      item,
      nested.nesting === "list" && isObject(candidate) ? candidate : mergeComputed(item, previous, nested.block),
      isObject(previous) ? previous : null,
    );
  });
}

/** Whether AWS fills in a whole block that the configuration leaves out. */
export function isServerFilled(facts: ResourceFacts, path: string): boolean {
  return Object.hasOwn(facts.serverDefaults ?? {}, path) || (facts.optionalComputed?.includes(path) ?? false);
}

/** Whether a configured element of a set is the one that exists: equal in all that is configured. */
function agrees(config: ObjectValue, prior: ObjectValue, block: Block): boolean {
  return (
    block.attributes.every(
      ({ name, type, computed }) =>
        ((config[name] ?? null) === null && computed) || sameValue(config[name] ?? null, prior[name] ?? null, type),
    ) &&
    block.blocks.every(({ name, nesting, block: inner }) => {
      const [given, before] = [config[name] ?? null, prior[name] ?? null];
      if (nesting === "single" || !isList(given) || !isList(before)) return isObject(given) === isObject(before);
      return (
        given.length === before.length &&
        given.every((item, index) => isObject(item) && isObject(before[index]) && agrees(item, before[index], inner))
      );
    })
  );
}

/** What Terraform proposes for list elements, done for set elements: configured values, and computed ones from before. */
function mergeComputed(config: ObjectValue, prior: Value | undefined, block: Block): ObjectValue {
  if (!isObject(prior)) return config;
  return {
    ...config,
    ...Object.fromEntries(
      block.attributes
        .filter(({ name, computed }) => computed && (config[name] ?? null) === null)
        .map(({ name }) => [name, prior[name] ?? null]),
    ),
  };
}

/** Paths of the facts' `forceNew` whose value differs, with indexes into lists; a set is named as a whole. */
function forcingPaths(facts: ResourceFacts, block: Block, prior: ObjectValue, planned: ObjectValue): readonly (readonly PathStep[])[] {
  const forcing = (facts.forceNew ?? []).flatMap((path) => differences(block, path.split("."), prior, planned, []));
  const region = forcing.length === 0 || !facts.forceNew?.includes("region") ? differences(block, ["region"], prior, planned, []) : [];
  return [...forcing, ...region, ...(CONDITIONAL_FORCE[facts.type]?.(prior, planned) ?? [])];
}

function differences(
  block: Block,
  path: readonly string[],
  prior: Value,
  planned: Value,
  walked: readonly PathStep[],
): readonly (readonly PathStep[])[] {
  const [first = "", ...rest] = path;
  const attribute = block.attributes.find(({ name }) => name === first);
  const [before, after] = [isObject(prior) ? (prior[first] ?? null) : null, isObject(planned) ? (planned[first] ?? null) : null];
  if (attribute) return sameValue(before, after, attribute.type) ? [] : [[...walked, first]];
  const nested = block.blocks.find(({ name }) => name === first);
  if (!nested) return [];
  const here = [...walked, first];
  if (nested.nesting === "single") return rest.length === 0 ? [] : differences(nested.block, rest, before, after, here);
  const type = ["object", {}] as const;
  if (rest.length === 0 || nested.nesting === "set")
    return sameValue(before, after, [nested.nesting, nested.nesting === "set" ? blockType(nested.block) : type]) ? [] : [here];
  const [left, right] = [isList(before) ? before : [], isList(after) ? after : []];
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) =>
    differences(nested.block, rest, left[index] ?? null, right[index] ?? null, [...here, index]),
  ).flat();
}
