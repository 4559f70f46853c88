import { mkdirSync } from "node:fs";
import { ApiError } from "../kube-transport";
import type { Actor, ActorStage, Stage } from "./actor";
import { HookJobs } from "./hook-jobs";
import { LoadBalancers } from "./load-balancers";
import { Mirror } from "./mirror";
import { NodePressure } from "./node-pressure";
import { Operators } from "./operators";
import { Velero } from "./velero";
import { Volumes } from "./volumes";

/** How often an actor looks, in milliseconds. */
const LOOK_MS = 250;

/**
 * HTTP statuses that say that something is changing under an actor's hands: objects, definitions, or the API itself,
 * which is replaced by another minor's and not whole yet (503). It looks again.
 */
const RACES = [0, 404, 409, 429, 503];

const KUBE_SYSTEM = "system:serviceaccounts:kube-system";

/**
 * An actor is to the API whom it stands in for, so that admission policies treat it alike. Its rights are not tried:
 * those are its chart's own.
 */
function actingAs(stage: ActorStage, user: string, group: string): ActorStage {
  return { ...stage, client: stage.client.as(user, [group, "system:masters"]) };
}

/** The actors of one cluster. */
export class Actors {
  /** What an actor ran into, which is a defect of the rehearsal; for the report. */
  readonly problems = new Set<string>();
  readonly jobs: HookJobs;
  /** While set, no node joins by itself: a check of the declared sizes must see them as they are. */
  private pressureOff = false;
  private readonly mirror: Mirror;
  private readonly actors: readonly Actor[];
  private timers: NodeJS.Timeout[] = [];
  private stopped = false;

  private constructor(outside: Stage) {
    this.mirror = new Mirror(outside.client);
    const stage: ActorStage = { ...outside, mirror: this.mirror };
    this.jobs = new HookJobs(actingAs(stage, "system:node:rehearsal", "system:nodes"));
    this.actors = [
      this.jobs,
      new Volumes(actingAs(stage, "system:serviceaccount:kube-system:ebs-csi-controller-sa", KUBE_SYSTEM)),
      new LoadBalancers(actingAs(stage, "system:serviceaccount:kube-system:aws-load-balancer-controller", KUBE_SYSTEM)),
      new Operators(
        actingAs(stage, "system:serviceaccount:monitoring:kube-prometheus-stack-operator", "system:serviceaccounts:monitoring"),
      ),
      new Velero(actingAs(stage, "system:serviceaccount:velero:velero", "system:serviceaccounts:velero")),
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

  /** Works without the autoscaler. */
  async withoutAutoscaler<Result>(work: () => Promise<Result>): Promise<Result> {
    this.pressureOff = true;
    try {
      return await work();
    } finally {
      this.pressureOff = false;
    }
  }

  stop(): void {
    this.stopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    for (const actor of this.actors) actor.stop?.();
    this.mirror.stop();
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
    const turn = this.pressureOff && actor instanceof NodePressure ? Promise.resolve() : actor.act();
    turn.then(again, (error: unknown) => {
      if (!this.stopped && !(error instanceof ApiError && RACES.includes(error.status)))
        this.problems.add(`${actor.name}: ${error instanceof Error ? error.message : String(error)}`);
      again();
    });
  }
}
