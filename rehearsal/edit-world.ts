import { readdirSync } from "node:fs";
import { join } from "node:path";
import { nameFix } from "../config/nearest";
import { CommandError } from "../config/command-error";
import { readState } from "../terraform/state";
import { worldKey } from "./recover";
import type { ObjectValue, Value } from "./provider/values";
import type { World, WorldObject } from "./world";

/**
 * The object behind an address, as a state knows it.
 * @param address Terraform's address, or `<stack>/<address>` where several stacks have it
 * @throws {CommandError} when no state has it, or it is gone from the world already
 */
export function objectAt(world: World, stateFolder: string, address: string): WorldObject {
  const stacks = readdirSync(stateFolder)
    .filter((file) => file.endsWith(".tfstate"))
    .map((file) => file.slice(0, -".tfstate".length));
  const all = stacks.flatMap((stack) =>
    (readState(join(stateFolder, `${stack}.tfstate`))?.resources ?? []).map((resource) => ({
      name: `${stack}/${resource.address}`,
      resource,
    })),
  );
  const matches = all.filter(({ name, resource }) => name === address || resource.address === address);
  const [match, second] = matches;
  if (!match)
    throw new CommandError(
      `No state has ${address}; ${nameFix(
        address,
        all.map(({ name }) => name),
      )}`,
      2,
    );
  if (second)
    throw new CommandError(`${address} is in several stacks: ${matches.map(({ name }) => name).join(", ")}. Name one of these.`, 2);
  const object = world.get(worldKey(match.resource) ?? "");
  if (!object) throw new CommandError(`${match.name} exists no more in the world.`, 2);
  return object;
}

/**
 * Changes an attribute of an object behind Terraform's back, as someone in the console would.
 * @param path dotted path with indexes, such as `tags.Name` or `scaling_config.0.max_size`
 * @throws {CommandError} when the object has no such attribute
 */
export function setAttribute(world: World, object: WorldObject, path: string, value: Value): void {
  const steps = path.split(".");
  if (!Object.hasOwn(object.attributes, steps[0] ?? ""))
    throw new CommandError(
      `${object.type} has no attribute ${steps[0] ?? ""}; ${nameFix(steps[0] ?? "", Object.keys(object.attributes))}`,
      2,
    );
  world.put({ ...object, attributes: replaceAt(object.attributes, steps, value) as ObjectValue });
}

function replaceAt(container: Value | undefined, [first, ...rest]: readonly string[], value: Value): Value {
  if (first === undefined) return value;
  if (Array.isArray(container))
    return container.map((item: Value, index) => (index === Number(first) ? replaceAt(item, rest, value) : item));
  const object = typeof container === "object" && container !== null ? (container as ObjectValue) : {};
  return { ...object, [first]: replaceAt(object[first], rest, value) };
}
