import type { WorldObject } from "../world";
import type { Connection } from "./connection";
import type { ObjectValue } from "./values";

/** What happens within Kubernetes clusters. Without one, their objects exist in the world only. */
export interface Inside {
  /**
   * Carries out the creation of an object that AWS, or the world, accepts.
   * @returns its attributes as they became
   * @throws {InsideFailure} when it is refused
   */
  create(object: WorldObject, connection: Connection): Promise<ObjectValue>;
  /** Carries out a change of an object to what it is given as; see {@link create}. */
  update(object: WorldObject, connection: Connection): Promise<ObjectValue>;
  /** @throws {InsideFailure} when it is refused */
  delete(object: WorldObject, connection: Connection): Promise<void>;
  /** Attributes of an object as it is now; undefined when it is gone. */
  read(object: WorldObject, connection: Connection): Promise<ObjectValue | undefined>;
  /** Asks everything that runs to stop in order: Terraform was interrupted. */
  interrupt(): void;
}

/** An operation within a cluster that failed. */
export class InsideFailure extends Error {
  constructor(
    message: string,
    /** Whether the object exists all the same, so that Terraform must know of it. */
    readonly exists: boolean,
  ) {
    super(message);
    this.name = "InsideFailure";
  }
}
