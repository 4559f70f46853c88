import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../config/command-error";
import { kindOf } from "../terraform/plan-json";
import type { ProgramStack } from "../terraform/program";
import type { StateResource } from "../terraform/state";
import type { RecoveredRelease } from "./kubernetes/recover-releases";
import { isAlive } from "./lock";
import { nameOf } from "./provider/refusals";
import { textOf, type ObjectValue } from "./provider/values";
import type { StackRuns } from "./stack-runs";
import type { StandIn } from "./stand-in";
import type { WorldObject } from "./world";

/** What a recovery did. */
export interface Recovery {
  /** Stacks whose stale lock was removed. */
  readonly unlocked: readonly string[];
  readonly imported: readonly { readonly stack: string; readonly address: string; readonly id: string }[];
  /** Releases whose Helm was killed. */
  readonly releases: readonly RecoveredRelease[];
  /** Objects that no state knows and no program declares. */
  readonly unclaimed: readonly WorldObject[];
}

/**
 * Mends what a killed Terraform leaves: removes locks whose holder is gone, and imports objects that exist and that no
 * state knows. Who they belong to stands in their tags; what cannot be tagged is told by its name.
 *
 * @throws {CommandError} when a Terraform still runs on one of the stacks
 */
export async function recover(
  standIn: StandIn,
  runs: StackRuns,
  stacks: readonly ProgramStack[],
  onProgress: (text: string) => void,
): Promise<Recovery> {
  const unlocked = removeStaleLocks(standIn);
  const imported: { stack: string; address: string; id: string }[] = [];
  await runs.interrupts.during(async () => {
    for (const stack of stacks) {
      const orphans = orphansOf(standIn, runs, stack);
      if (orphans.length === 0) continue;
      const workspace = runs.workspace(stack);
      await workspace.init();
      const taken = new Set((runs.state(stack.name)?.resources ?? []).map(({ address }) => address));
      const tagged = orphans.flatMap((object) => {
        const address = addressByTag(stack, object);
        // An address holds one object: a second one with its tags is a double, and stays unclaimed.
        if (address === undefined || taken.has(address)) return [];
        taken.add(address);
        return [{ object, address }];
      });
      for (const { object, address } of tagged) {
        onProgress(`${stack.name}: importing ${address}`);
        await workspace.import(address, object.key);
        imported.push({ stack: stack.name, address, id: textOf(object.attributes["id"]) });
      }
      const untagged = orphans.filter((object) => !tagged.some((claim) => claim.object === object));
      if (untagged.length === 0) continue;
      // With the tagged ones imported, a plan knows enough to tell the others by their names.
      const { resource_changes: changes = [] } = await workspace.plan();
      const wanted = changes.filter((change) => change.mode === "managed" && kindOf(change) === "create");
      for (const object of untagged) {
        const paths = standIn.facts.resource(object.type).unique?.[0] ?? [];
        const match = wanted.find(
          ({ type, change }) =>
            type === object.type &&
            paths.length > 0 &&
            nameOf((change.after ?? {}) as ObjectValue, paths) === nameOf(object.attributes, paths),
        );
        if (!match || taken.has(match.address)) continue;
        taken.add(match.address);
        onProgress(`${stack.name}: importing ${match.address}`);
        await workspace.import(match.address, object.key);
        imported.push({ stack: stack.name, address: match.address, id: textOf(object.attributes["id"]) });
      }
    }
  });
  const unclaimed = stacks.flatMap((stack) => orphansOf(standIn, runs, stack));
  const releases = (await standIn.kubernetes?.recover()) ?? [];
  return { unlocked, imported, releases, unclaimed };
}

/** Objects of a stack that its state does not know. */
function orphansOf({ world }: StandIn, runs: StackRuns, { name }: ProgramStack): readonly WorldObject[] {
  const known = new Set((runs.state(name)?.resources ?? []).map(worldKey));
  return world.all().filter((object) => object.stack === name && !known.has(object.key));
}

/** Key of a state's resource in the world, from the provider's private bytes. */
export function worldKey({ private: bytes }: StateResource): string | undefined {
  if (bytes === undefined || bytes === "") return undefined;
  return (JSON.parse(Buffer.from(bytes, "base64").toString("utf8")) as { readonly key?: string }).key;
}

function addressByTag({ resources }: ProgramStack, object: WorldObject): string | undefined {
  const tags = object.attributes["tags_all"] as Readonly<Record<string, string>> | null | undefined;
  const path = tags?.["drydock:construct"];
  return path === undefined
    ? undefined
    : resources.find(({ type, constructPath }) => type === object.type && constructPath === path)?.address;
}

/** Folder in which running Terraform processes leave their number, by stack. */
export function runningFolder(folder: string): string {
  return join(folder, "running");
}

function removeStaleLocks({ folder, stateFolder }: StandIn): readonly string[] {
  const running = runningFolder(folder);
  const alive = existsSync(running)
    ? readdirSync(running).filter((stack) => isAlive(Number(readFileSync(join(running, stack), "utf8"))))
    : [];
  const [busy] = alive;
  if (busy !== undefined)
    throw new CommandError(
      `Terraform still runs on ${busy} (process ${readFileSync(join(running, busy), "utf8")}). Let it end, or end it, then recover.`,
      1,
    );
  rmSync(running, { recursive: true, force: true });
  const locks = readdirSync(stateFolder).filter((file) => file.startsWith(".") && file.endsWith(".tfstate.lock.info"));
  for (const lock of locks) rmSync(join(stateFolder, lock));
  return locks.map((lock) => lock.slice(1, -".tfstate.lock.info".length));
}
