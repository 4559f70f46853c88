import { join } from "node:path";
import { Interrupts } from "../terraform/interrupts";
import { forgetProgram, keepProgram } from "../terraform/kept-program";
import { countChanges, kindOf, type ChangeCounts, type Kind, type PlanJson } from "../terraform/plan-json";
import type { ProgramStack } from "../terraform/program";
import { runInOrder, type StackResult } from "../terraform/schedule";
import { readState, type State } from "../terraform/state";
import { Workspace } from "../terraform/workspace";
import { refuseForeignState } from "./never-over-real-state";
import { NO_TIME, predict, type Prediction } from "./prediction";
import type { StandIn } from "./stand-in";

/** What happened to a stack. */
export interface StackRun {
  readonly counts: ChangeCounts;
  readonly changes: readonly { readonly address: string; readonly kind: Kind }[];
  readonly prediction: Prediction;
}

/** Told what is going on, in a few words. */
export type OnProgress = (text: string) => void;

/** Runs Terraform on stacks with the stand-in in AWS's place. */
export class StackRuns {
  /** Settings that folders are initialized for. */
  private readonly prepared = new Map<string, string>();

  constructor(
    private readonly standIn: StandIn,
    private readonly parallel: number,
    /** Shared by everything that one Ctrl-C should stop. */
    readonly interrupts = new Interrupts(),
  ) {}

  /** Brings stacks to what their programs say, each after what it depends on. */
  apply(stacks: readonly ProgramStack[], onProgress: OnProgress): Promise<ReadonlyMap<string, StackResult<StackRun>>> {
    return this.each(stacks, "dependencies-first", onProgress, "applying", async (workspace, stack) => {
      await this.prepare(workspace, stack);
      const plan = await workspace.planChanges();
      const before = this.state(stack.name);
      // Before the apply: what a failed one leaves must still be destroyable when its declaration is gone.
      keepProgram(this.standIn.stateFolder, stack);
      if (plan) await workspace.apply();
      return this.runOf(plan, before, this.state(stack.name));
    });
  }

  /** Destroys stacks, each after what depends on it. */
  destroy(stacks: readonly ProgramStack[], onProgress: OnProgress): Promise<ReadonlyMap<string, StackResult<StackRun>>> {
    return this.each(stacks, "dependants-first", onProgress, "destroying", async (workspace, stack) => {
      await this.prepare(workspace, stack);
      const plan = await workspace.plan(["-destroy"]);
      const before = this.state(stack.name);
      await workspace.apply();
      forgetProgram(this.standIn.stateFolder, stack.name);
      return this.runOf(plan, before, undefined);
    });
  }

  /** Plans again what was just applied. Anything but an empty plan is a defect of the program, or of the stand-in. */
  planAgain(stacks: readonly ProgramStack[], onProgress: OnProgress): Promise<ReadonlyMap<string, StackResult<StackRun>>> {
    return this.each(stacks, "dependencies-first", onProgress, "planning again", async (workspace) =>
      this.runOf(await workspace.planChanges(), undefined, undefined),
    );
  }

  /** State of a stack; undefined before its first apply. */
  state(name: string): State | undefined {
    return readState(join(this.standIn.stateFolder, `${name}.tfstate`));
  }

  /** Terraform in the folder of a stack, after making sure that it cannot touch anything but the rehearsal's state. */
  workspace({ name, directory }: ProgramStack): Workspace {
    const { stateFolder, folder, env } = this.standIn;
    refuseForeignState(directory, stateFolder);
    return new Workspace({ name, directory, logFile: join(folder, "logs", `${name}.log`), env, interrupts: this.interrupts });
  }

  /** Initializes a stack's folder unless that was done for the same backend and providers: a life plans each stack many times. */
  private async prepare(workspace: Workspace, { directory, json }: ProgramStack): Promise<void> {
    const settings = JSON.stringify(json.terraform);
    if (this.prepared.get(directory) === settings) return;
    await workspace.init();
    this.prepared.set(directory, settings);
  }

  private each<Result>(
    stacks: readonly ProgramStack[],
    direction: "dependencies-first" | "dependants-first",
    onProgress: OnProgress,
    verb: string,
    work: (workspace: Workspace, stack: ProgramStack) => Promise<Result>,
  ): Promise<ReadonlyMap<string, StackResult<Result>>> {
    const running = new Set<string>();
    const tell = (): void => {
      onProgress(`${verb} ${[...running].join(", ")}`);
    };
    return this.interrupts.during(() =>
      runInOrder(stacks, {
        parallel: this.parallel,
        direction,
        stop: () => (this.interrupts.stopping ? "the run was interrupted" : undefined),
        onStart: ({ name }) => {
          running.add(name);
          tell();
        },
        onEnd: ({ name }) => {
          running.delete(name);
          if (running.size > 0) tell();
        },
        work: (stack) => work(this.workspace(stack), stack),
      }),
    );
  }

  private runOf(plan: PlanJson | undefined, before: State | undefined, after: State | undefined): StackRun {
    const changes = (plan?.resource_changes ?? [])
      .filter(({ mode }) => mode === "managed")
      .map((change) => ({ address: change.address, type: change.type, kind: kindOf(change) }))
      .filter(({ kind }) => kind !== "no-op" && kind !== "read");
    const dependencies = new Map(
      [before, after].flatMap((state) =>
        (state?.resources ?? []).map((resource): [string, readonly string[]] => [resource.address, resource.dependencies]),
      ),
    );
    const timed = changes.map(({ address, type, kind }) => ({ address, type, operations: OPERATIONS[kind] }));
    const prediction = before || after ? predict(timed, dependencies, this.standIn.facts) : NO_TIME;
    return { counts: countChanges(plan ?? {}), changes: changes.map(({ address, kind }) => ({ address, kind })), prediction };
  }
}

const OPERATIONS: Readonly<Record<Kind, readonly ("create" | "update" | "delete")[]>> = {
  create: ["create"],
  update: ["update"],
  replace: ["delete", "create"],
  delete: ["delete"],
  read: [],
  "no-op": [],
  forget: [],
};
