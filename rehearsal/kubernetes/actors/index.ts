import { mkdirSync } from "node:fs";
import { ApiError } from "../kube-client";
import type { Actor, Stage } from "./actor";
import { HookJobs } from "./hook-jobs";
import { LoadBalancers } from "./load-balancers";
import { NodePressure } from "./node-pressure";
import { Operators } from "./operators";
import { Velero } from "./velero";
import { Volumes } from "./volumes";

/** How often an actor looks, in milliseconds. */
const LOOK_MS = 250;

/** HTTP statuses that say that something changed under an actor's hands; it looks again. */
const RACES = [0, 404, 409];

/** The actors of one cluster. */
export class Actors {
  /** What an actor ran into, which is a defect of the rehearsal; for the report. */
  readonly problems = new Set<string>();
  readonly jobs: HookJobs;
  private readonly actors: readonly Actor[];
  private timers: NodeJS.Timeout[] = [];
  private stopped = false;

  private constructor(stage: Stage) {
    this.jobs = new HookJobs(stage);
    this.actors = [
      this.jobs,
      new Volumes(stage),
      new LoadBalancers(stage),
      new Operators(stage),
      new Velero(stage),
      new NodePressure(stage),
    ];
  }

  /** Starts every actor of a cluster. */
  static start(stage: Stage): Actors {
    mkdirSync(stage.folder, { recursive: true });
    const actors = new Actors(stage);
    for (const actor of actors.actors) actors.look(actor);
    return actors;
  }

  /** What is simulated, by name of the actor. */
  get simulated(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.actors.map(({ name, simulates }) => [name, simulates]));
  }

  stop(): void {
    this.stopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    for (const actor of this.actors) actor.stop?.();
  }

  private look(actor: Actor): void {
    const again = (): void => {
      if (this.stopped) return;
      const timer = setTimeout(() => {
        this.timers = this.timers.filter((other) => other !== timer);
        this.look(actor);
      }, LOOK_MS);
      this.timers.push(timer.unref());
    };
    actor.act().then(again, (error: unknown) => {
      if (!this.stopped && !(error instanceof ApiError && RACES.includes(error.status)))
        this.problems.add(`${actor.name}: ${error instanceof Error ? error.message : String(error)}`);
      again();
    });
  }
}
