import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { objectAt, setAttribute } from "../rehearsal/edit-world";
import { takeLock } from "../rehearsal/lock";
import { label } from "../rehearsal/provider/refusals";
import type { Value } from "../rehearsal/provider/values";
import { World } from "../rehearsal/world";
import { findRoot } from "./root";

/** `drydock world`: change the stand-in's world behind Terraform's back, for tests and demonstrations of drift. */
export function worldCommand(): Command {
  const command = new Command("world").description("change what exists in the stand-in's world behind Terraform's back");
  command
    .command("set")
    .description("change an attribute of an object")
    .argument("<address>", "Terraform's address, with <stack>/ before it where several stacks have it")
    .argument("<attribute=json>", "such as tags.Name='\"other\"' or enable_dns_support=false", assignment)
    .action((address: string, { path, value }: Assignment) => {
      edit((world, stateFolder) => {
        const object = objectAt(world, stateFolder, address);
        setAttribute(world, object, path, value);
        return `changed ${path} of ${label(object)}`;
      });
    });
  command
    .command("delete")
    .description("delete an object")
    .argument("<address>", "Terraform's address, with <stack>/ before it where several stacks have it")
    .action((address: string) => {
      edit((world, stateFolder) => {
        const object = objectAt(world, stateFolder, address);
        world.delete(object.key);
        return `deleted ${label(object)}`;
      });
    });
  return command;
}

interface Assignment {
  readonly path: string;
  readonly value: Value;
}

function assignment(text: string): Assignment {
  const [, path, json] = /^([\w.:/-]+)=(.*)$/s.exec(text) ?? [];
  if (path === undefined || json === undefined) throw new InvalidArgumentError("Write it as attribute=json.");
  try {
    return { path, value: JSON.parse(json) as Value };
  } catch {
    throw new InvalidArgumentError(`"${json}" is not JSON; put quotes around a string.`);
  }
}

function edit(change: (world: World, stateFolder: string) => string): void {
  const root = findRoot();
  const folder = join(root, ".drydock", "stand-in");
  const release = takeLock(join(root, ".drydock", "stand-in.lock"), "A stand-in");
  try {
    const world = new World(join(folder, "world.json"));
    const done = change(world, join(folder, "state"));
    world.save();
    process.stdout.write(`${done}\n`);
  } finally {
    release();
  }
}
