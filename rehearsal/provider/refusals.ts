import type { Facts, ResourceFacts } from "../facts";
import type { World, WorldObject } from "../world";
import { isList, isObject, valuesAt, type ObjectValue, type Value } from "./values";

/** Where an object is or would be. */
export type Place = Pick<WorldObject, "account" | "region" | "cluster">;

/**
 * Why AWS would refuse an object with these values: something it refers to is gone or never was, or its name is taken.
 * @param self key of the object itself, for an update
 */
export function refuseValues(
  world: World,
  facts: ResourceFacts,
  values: ObjectValue,
  place: Place,
  self: string | undefined,
): string | undefined {
  const missing = missingReference(world, facts, values);
  if (missing !== undefined || takesOver(facts, values)) return missing;
  const twin = namesake(world, facts, values, place, self);
  return twin && `AlreadyExists: there is a ${facts.type} of this name (${(facts.unique ?? []).flat().join(", ")}) already: ${label(twin)}`;
}

/** The object that a create would take over instead of making another. */
export function takenOver(world: World, facts: ResourceFacts, values: ObjectValue, place: Place): WorldObject | undefined {
  return takesOver(facts, values) ? namesake(world, facts, values, place, undefined) : undefined;
}

function takesOver(facts: ResourceFacts, values: ObjectValue): boolean {
  return facts.upsert === true || (facts.uniqueUnless !== undefined && values[facts.uniqueUnless] === true);
}

/** Why AWS would refuse to delete an object: it is protected, or something else still needs it. */
export function refuseDeletion(world: World, facts: Facts, object: WorldObject): string | undefined {
  const own = facts.resource(object.type);
  const guard = own.deletionProtection?.find((path) => object.attributes[path] === true);
  if (guard !== undefined) return `InvalidRequestException: ${label(object)} cannot be deleted while ${guard} is true`;
  for (const other of world.all()) {
    if (other.key === object.key) continue;
    for (const [path, reference] of Object.entries(facts.resource(other.type).references ?? {})) {
      if (reference.type !== object.type || reference.blocksDeletion === undefined) continue;
      const target = object.attributes[reference.by];
      const inScope = own.scope !== "account" || other.account === object.account;
      if (inScope && target !== null && targets(other.attributes, path).includes(target ?? null))
        return `${reference.blocksDeletion}: ${label(object)} has a dependent object: ${label(other)}`;
    }
  }
  return undefined;
}

/** The object that an argument refers to. */
export function referencedObject(world: World, facts: ResourceFacts, values: ObjectValue, path: string): WorldObject | undefined {
  const reference = facts.references?.[withoutIndexes(path)];
  const [target] = targets(values, withoutIndexes(path));
  return reference && world.ofType(reference.type).find((object) => object.attributes[reference.by] === target);
}

/** Short name of an object for messages. */
export function label(object: WorldObject): string {
  const id = object.attributes["id"];
  return `${object.type} ${typeof id === "string" ? id : object.key}`;
}

function missingReference(world: World, facts: ResourceFacts, values: ObjectValue): string | undefined {
  for (const [path, reference] of Object.entries(facts.references ?? {})) {
    for (const target of targets(values, path)) {
      if (typeof target !== "string" || target === "") continue;
      if (world.ofType(reference.type).some((object) => object.attributes[reference.by] === target)) continue;
      // What never existed in this world may have been made outside of the fleet; what was deleted here is gone.
      if (reference.adoptable && !world.wasDeleted(target)) continue;
      return `NotFound: ${path} names the ${reference.type} "${target}", which does not exist`;
    }
  }
  return undefined;
}

/** The object that has a name already. */
function namesake(
  world: World,
  facts: ResourceFacts,
  values: ObjectValue,
  place: Place,
  self: string | undefined,
): WorldObject | undefined {
  return (facts.unique ?? []).map((paths) => {
    const name = nameOf(values, paths);
    return world
      .ofType(facts.type)
      .find((object) => object.key !== self && inScope(facts.scope, object, place) && nameOf(object.attributes, paths) === name);
  })[0];
}

/** Values of the paths that together name an object. */
export function nameOf(values: ObjectValue, paths: readonly string[]): string {
  return JSON.stringify(paths.map((path) => valuesAt(values, stepsOf(path))));
}

function inScope(scope: ResourceFacts["scope"], a: Place, b: Place): boolean {
  switch (scope) {
    case "global":
      return true;
    case "account":
      return a.account === b.account;
    case "region":
      return a.account === b.account && a.region === b.region;
    case "cluster":
      return a.cluster === b.cluster;
  }
}

function targets(values: ObjectValue, path: string): readonly Value[] {
  return valuesAt(values, path.split(".")).flatMap((value) => (isList(value) ? value : isObject(value) ? [] : [value]));
}

/** Lists are walked whole, so an index in a path says nothing more. */
function stepsOf(path: string): readonly string[] {
  return withoutIndexes(path).split(".");
}

function withoutIndexes(path: string): string {
  return path
    .split(".")
    .filter((step) => !/^\d+$/.test(step))
    .join(".");
}
