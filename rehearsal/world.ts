import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { CommandError } from "../config/command-error";
import type { ObjectValue } from "./provider/values";

/** An object that "exists". */
export interface WorldObject {
  /** Identity within the world; Terraform keeps it in the private part of its state, because `id` is not always one. */
  readonly key: string;
  readonly type: string;
  readonly account: string;
  readonly region: string;
  /** API endpoint, for objects within a Kubernetes cluster. */
  readonly cluster: string;
  /** Stack whose provider made it. */
  readonly stack: string;
  readonly attributes: ObjectValue;
}

const objectSchema = z.strictObject({
  key: z.string(),
  type: z.string(),
  account: z.string(),
  region: z.string(),
  cluster: z.string(),
  stack: z.string(),
  attributes: z.record(z.string(), z.unknown()),
});
const worldSchema = z.strictObject({ version: z.literal(1), sequence: z.int(), objects: z.array(objectSchema), gone: z.array(z.string()) });

/** A world at one moment. */
export interface WorldSnapshot {
  readonly sequence: number;
  readonly objects: readonly WorldObject[];
  readonly gone: readonly string[];
}

const SAVE_DELAY_MS = 100;

/** The stand-in's memory: every object of every account and region, kept in one JSON file. */
export class World {
  private readonly objects = new Map<string, WorldObject>();
  private readonly byType = new Map<string, Map<string, WorldObject>>();
  private readonly gone: Set<string>;
  private sequence: number;
  private saveTimer: NodeJS.Timeout | undefined;
  private failure: Error | undefined;

  /**
   * @param file where it is kept; read when it exists
   * @throws {CommandError} when the file is not a world
   */
  constructor(readonly file: string) {
    const stored = existsSync(file) ? readWorld(file) : { sequence: 0, objects: [], gone: [] };
    this.sequence = stored.sequence;
    this.gone = new Set(stored.gone);
    for (const object of stored.objects) this.put(object as WorldObject);
  }

  /** A number that no object had before. */
  nextSequence(): number {
    this.sequence += 1;
    return this.sequence;
  }

  all(): readonly WorldObject[] {
    return [...this.objects.values()];
  }

  ofType(type: string): readonly WorldObject[] {
    return [...(this.byType.get(type)?.values() ?? [])];
  }

  get(key: string): WorldObject | undefined {
    return this.objects.get(key);
  }

  /** @throws {CommandError} when an earlier change could not be written: going on would lose more */
  put(object: WorldObject): void {
    if (this.failure) throw this.failure;
    this.objects.set(object.key, object);
    const siblings = this.byType.get(object.type) ?? new Map<string, WorldObject>();
    this.byType.set(object.type, siblings.set(object.key, object));
    this.scheduleSave();
  }

  delete(key: string): void {
    const object = this.objects.get(key);
    if (!object) return;
    this.objects.delete(key);
    this.byType.get(object.type)?.delete(key);
    // Only ids that AWS made: a name may be used again.
    for (const attribute of ["id", "arn"]) {
      const value = object.attributes[attribute];
      if (typeof value === "string" && /[0-9a-f]{8}/.test(value)) this.gone.add(value);
    }
    this.scheduleSave();
  }

  /** The world as it is now, to come back to. */
  snapshot(): WorldSnapshot {
    return { sequence: this.sequence, objects: this.all(), gone: [...this.gone] };
  }

  /** Makes the world what it was. */
  restore({ sequence, objects, gone }: WorldSnapshot): void {
    this.sequence = sequence;
    this.objects.clear();
    this.byType.clear();
    this.gone.clear();
    for (const id of gone) this.gone.add(id);
    for (const object of objects) this.put(object);
    this.scheduleSave();
  }

  /** Whether something with this id existed here and was deleted. What never existed here may exist elsewhere. */
  wasDeleted(id: string): boolean {
    return this.gone.has(id);
  }

  /** Writes pending changes now: to a temporary file first, so that a crash leaves the old world or the new one. */
  save(): void {
    clearTimeout(this.saveTimer);
    this.saveTimer = undefined;
    const temporary = `${this.file}.${process.pid}.tmp`;
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      writeFileSync(temporary, JSON.stringify({ version: 1, ...this.snapshot() }));
      renameSync(temporary, this.file);
    } catch (error) {
      if (existsSync(temporary)) rmSync(temporary);
      throw new CommandError(`The world cannot be written to ${this.file}: ${error instanceof Error ? error.message : String(error)}`, 1);
    }
  }

  private scheduleSave(): void {
    // Rewriting the file for each of hundreds of resources would take longer than everything else.
    this.saveTimer ??= setTimeout(() => {
      try {
        this.save();
      } catch (error) {
        this.failure = error instanceof Error ? error : new Error(String(error));
      }
    }, SAVE_DELAY_MS).unref();
  }
}

function readWorld(file: string): z.infer<typeof worldSchema> {
  try {
    return worldSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    const reason =
      error instanceof z.ZodError ? "it is not of the form Drydock writes" : error instanceof Error ? error.message : String(error);
    throw new CommandError(`The world file ${file} cannot be read: ${reason}.\nDelete its folder to start over with an empty world.`, 2);
  }
}
