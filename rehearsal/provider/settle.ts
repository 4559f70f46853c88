import type { ResourceFacts } from "../facts";
import type { Block, NestedBlock } from "./schema";
import { fillTemplate, type TemplateContext } from "./templates";
import { isList, isObject, Unknown, type ObjectValue, type Value } from "./values";

/** What is needed to give an object its values, besides what was planned. */
export type SettleContext = Omit<TemplateContext, "attribute"> & {
  readonly block: Block;
  readonly facts: ResourceFacts;
  /** Values that code of the type gives instead of a template, by attribute. */
  readonly overrides: Readonly<Record<string, (attribute: (path: string) => Value) => Value>>;
};

/**
 * Gives every value that was unknown at plan the value AWS would: from the facts' templates, which may refer to each
 * other. What no template speaks of becomes null, or an empty collection.
 */
export function settle(planned: ObjectValue, context: SettleContext): ObjectValue {
  const settled = new Map<string, Value>();
  const pending = new Set<string>();
  const attribute = (path: string): Value => {
    const [first = "", ...rest] = path.split(".");
    return step(top(first), rest);
  };
  const templates: TemplateContext = { ...context, attribute };

  const top = (name: string): Value => {
    const done = settled.get(name);
    if (done !== undefined) return done;
    if (pending.has(name)) return null;
    pending.add(name);
    const value = settleMember(name);
    pending.delete(name);
    settled.set(name, value);
    return value;
  };
  const settleMember = (name: string): Value => {
    const nested = context.block.blocks.find((candidate) => candidate.name === name);
    const value = planned[name] ?? null;
    if (nested) return settleNested(nested, value, name, context, templates);
    return value instanceof Unknown ? generated(name, context, templates) : value;
  };
  return Object.fromEntries(Object.keys(planned).map((name) => [name, top(name)]));
}

function settleNested(nested: NestedBlock, value: Value, path: string, context: SettleContext, templates: TemplateContext): Value {
  if (value instanceof Unknown) {
    const filled = generated(path, context, templates);
    return nested.nesting === "single" ? filled : isList(filled) ? filled : [];
  }
  const settleItem = (item: Value): Value => (isObject(item) ? settleBlock(nested.block, item, path, context, templates) : item);
  return isList(value) ? value.map(settleItem) : settleItem(value);
}

function settleBlock(block: Block, value: ObjectValue, path: string, context: SettleContext, templates: TemplateContext): ObjectValue {
  return Object.fromEntries(
    Object.entries(value).map(([name, own]) => {
      const inner = `${path}.${name}`;
      const nested = block.blocks.find((candidate) => candidate.name === name);
      if (nested) return [name, settleNested(nested, own, inner, context, templates)];
      return [name, own instanceof Unknown ? generated(inner, context, templates) : own];
    }),
  );
}

function generated(path: string, { facts, overrides }: SettleContext, templates: TemplateContext): Value {
  const override = overrides[path];
  if (override) return override(templates.attribute);
  const template = facts.computed[path] ?? facts.serverDefaults?.[path] ?? null;
  if (template === "{override}") throw new Error(`The facts of ${facts.type} leave ${path} to code that does not exist.`);
  return fillTemplate(template, templates);
}

function step(value: Value, path: readonly string[]): Value {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  if (isList(value)) return step(value[Number(first)] ?? null, rest);
  return isObject(value) ? step(value[first] ?? null, rest) : null;
}
