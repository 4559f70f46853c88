import type { Facts, ResourceFacts } from "../facts";
import type { World, WorldObject } from "../world";
import type { Connection } from "./connection";
import { FaultPlan } from "./faults";
import { InsideFailure, type Inside } from "./inside";
import { ATTRIBUTE_OVERRIDES, CREATE_EFFECTS } from "./overrides";
import { refuseDeletion, referencedObject, refuseValues, takenOver, type Place } from "./refusals";
import type { Block } from "./schema";
import { settle } from "./settle";
import { complete, type ObjectValue } from "./values";

/** How an operation ended, in the terms of the protocol: an object and an error together mean tainted. */
export interface Outcome {
  readonly object: WorldObject | undefined;
  readonly error: string | undefined;
}

/** Carries out operations on the world as AWS would, or refuses them as AWS would. */
export class Operations {
  readonly faults = new FaultPlan();

  constructor(
    private readonly world: World,
    private readonly facts: Facts,
    /** What happens within Kubernetes clusters; nothing when left out. */
    private readonly inside?: Inside,
  ) {}

  async create(type: string, block: Block, planned: ObjectValue, connection: Connection): Promise<Outcome> {
    const facts = this.facts.resource(type);
    const fault = this.faults.strike("create", connection.stack, type);
    if (fault && fault.kind !== "answer-lost") return { object: undefined, error: fault.message };
    const sequence = this.world.nextSequence();
    const attributes = this.settled(facts, block, planned, connection, sequence);
    const refusal = refuseValues(this.world, facts, attributes, placeOf(connection), undefined);
    if (refusal !== undefined) return { object: undefined, error: refusal };
    const existing = takenOver(this.world, facts, attributes, placeOf(connection));
    const object: WorldObject = {
      key: existing?.key ?? `${type}/${sequence}`,
      type,
      ...placeOf(connection),
      stack: connection.stack,
      attributes,
    };
    const { outcome, failure } = await this.carriedOut(object, () => this.inside?.create(object, connection));
    if (failure && !failure.exists) return { object: undefined, error: failure.message };
    this.world.put(outcome);
    // It exists outside of the world too: a kill must not make the world forget it.
    if (this.inside && object.cluster !== "") this.world.save();
    CREATE_EFFECTS[type]?.(outcome.attributes, { world: this.world, place: placeOf(connection), now: new Date() });
    return { object: outcome, error: failure?.message ?? fault?.message };
  }

  async update(existing: WorldObject, block: Block, planned: ObjectValue, connection: Connection): Promise<Outcome> {
    const facts = this.facts.resource(existing.type);
    const fault = this.faults.strike("update", connection.stack, existing.type);
    if (fault) return { object: existing, error: fault.message };
    const attributes = this.settled(facts, block, planned, connection, sequenceOf(existing), existing);
    const refusal = refuseValues(this.world, facts, attributes, placeOf(existing), existing.key);
    if (refusal !== undefined) return { object: existing, error: refusal };
    const object = { ...existing, attributes };
    const { outcome, failure } = await this.carriedOut(object, () => this.inside?.update(object, connection));
    if (failure) return { object: existing, error: failure.message };
    this.world.put(outcome);
    return { object: outcome, error: undefined };
  }

  async delete(existing: WorldObject, connection: Connection): Promise<Outcome> {
    const fault = this.faults.strike("delete", connection.stack, existing.type);
    const refusal = fault?.message ?? refuseDeletion(this.world, this.facts, existing);
    if (refusal !== undefined) return { object: existing, error: refusal };
    try {
      await this.inside?.delete(existing, connection);
    } catch (error) {
      if (!(error instanceof InsideFailure)) throw error;
      return { object: existing, error: error.message };
    }
    this.world.delete(existing.key);
    return { object: undefined, error: undefined };
  }

  /** An object as it is now; undefined when it is gone from within its cluster. */
  async read(existing: WorldObject, connection: Connection): Promise<WorldObject | undefined> {
    if (!this.inside) return existing;
    const attributes = await this.inside.read(existing, connection);
    if (attributes === undefined) {
      this.world.delete(existing.key);
      return undefined;
    }
    if (attributes === existing.attributes) return existing;
    const object = { ...existing, attributes };
    this.world.put(object);
    return object;
  }

  /** Terraform was interrupted: what takes long is asked to stop. */
  interrupt(): void {
    this.inside?.interrupt();
  }

  private async carriedOut(
    object: WorldObject,
    work: () => Promise<ObjectValue> | undefined,
  ): Promise<{ readonly outcome: WorldObject; readonly failure: InsideFailure | undefined }> {
    try {
      const attributes = await work();
      return { outcome: attributes === undefined ? object : { ...object, attributes }, failure: undefined };
    } catch (error) {
      if (!(error instanceof InsideFailure)) throw error;
      return { outcome: object, failure: error };
    }
  }

  private settled(
    facts: ResourceFacts,
    block: Block,
    planned: ObjectValue,
    connection: Connection,
    sequence: number,
    existing?: WorldObject,
  ): ObjectValue {
    const { account, region } = connection;
    const now = new Date();
    const values = settle(planned, {
      block,
      facts,
      account,
      region,
      sequence,
      now,
      previous: existing?.attributes,
      referenced: (path, attribute) => referencedObject(this.world, facts, planned, path)?.attributes[attribute] ?? null,
      overrides: Object.fromEntries(
        Object.entries(ATTRIBUTE_OVERRIDES[facts.type] ?? {}).map(([name, override]) => [
          name,
          (attribute) => override(attribute, { world: this.world, place: placeOf(connection), now }),
        ]),
      ),
    });
    return complete(values, block);
  }
}

function placeOf({ account, region, cluster }: Place): Place {
  return { account, region, cluster };
}

function sequenceOf({ key }: WorldObject): number {
  return Number(key.split("/").at(-1));
}
