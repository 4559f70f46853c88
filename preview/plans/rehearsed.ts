import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Facts } from "../../rehearsal/facts";
import { StackRuns } from "../../rehearsal/stack-runs";
import { requireFacts, startStandIn, type StandIn } from "../../rehearsal/stand-in";
import type { Interrupts } from "../../terraform/interrupts";
import { hasOutputChanges } from "../../terraform/plan-json";
import { upstreamClosure, type ProgramStack } from "../../terraform/program";
import type { AffectedStack } from "../affected";
import type { ProgramPair } from "../programs";
import type { OnProgress, Outcome, PlannedStack } from "./outcome";
import { planEach } from "./plan-each";
import { seeThroughProtection } from "./protection";

/** Options of {@link planRehearsed}. */
export interface RehearsedOptions {
  readonly root: string;
  /** Folder of the base, where it stands applied on the stand-in as far as earlier previews needed it. */
  readonly folder: string;
  readonly pair: ProgramPair;
  readonly affected: readonly AffectedStack[];
  readonly parallel: number;
  readonly interrupts: Interrupts;
  readonly onProgress: OnProgress;
}

/** Nothing but this preview changes the stand-in's world, so there is nothing to refresh. */
const FLAGS = ["-refresh=false", "-lock=false"] as const;

/**
 * Plans with the stand-in where AWS would be. The base is applied first, as far as the affected stacks read it, and
 * kept for later previews. Plans against it change nothing; only where a stack reads outputs that the change itself
 * changes, the head is applied before it, to a copy.
 */
export async function planRehearsed(options: RehearsedOptions): Promise<readonly PlannedStack[]> {
  const { root, folder, pair } = options;
  requireFacts(root, [...pair.base, ...pair.head]);
  const standIn = await startStandIn(root, folder);
  try {
    const base = new Base(standIn, options);
    await base.bring(baseNeededBy(options.affected.filter(({ cause }) => cause !== "dependant")));
    const { outcomes, waiting } = await planOverBase(standIn, base, options);
    if (waiting.size > 0 && !options.interrupts.stopping) {
      await base.bring(baseNeededBy(options.affected.filter(({ name }) => waiting.has(name))));
      standIn.world.save();
      for (const [name, outcome] of await planOverHead(options, outcomes, waiting)) outcomes.set(name, outcome);
    }
    return options.affected.flatMap((stack) => {
      const outcome = outcomes.get(stack.name);
      return outcome ? [{ stack, outcome }] : [];
    });
  } finally {
    standIn.stop();
  }
}

/** The base on the stand-in: applied stack by stack, as far as it is needed. */
class Base {
  private readonly file: string;
  private readonly applied: Set<string>;
  private readonly failures = new Map<string, Error>();

  constructor(
    private readonly standIn: StandIn,
    private readonly options: RehearsedOptions,
  ) {
    this.file = join(standIn.folder, "applied.json");
    this.applied = new Set(existsSync(this.file) ? (JSON.parse(readFileSync(this.file, "utf8")) as string[]) : []);
  }

  /** Applies stacks of the base, and what they depend on, unless they stand already. */
  async bring(names: ReadonlySet<string>): Promise<void> {
    const { pair, parallel, interrupts, onProgress } = this.options;
    const missing = upstreamClosure(pair.base, names).filter(({ name }) => !this.applied.has(name));
    if (missing.length === 0) return;
    const runs = new StackRuns(this.standIn, parallel, interrupts);
    const results = await runs.apply(missing, (text) => {
      onProgress(`the base: ${text}`);
    });
    for (const [name, result] of results) {
      if (result.status === "done") this.applied.add(name);
      else this.failures.set(name, result.status === "failed" ? result.error : new Error(`${name} was left out: ${result.because}`));
    }
    writeFileSync(this.file, JSON.stringify([...this.applied]));
  }

  /** Why a stack's base does not stand, where it should. */
  failureOf(name: string): Error | undefined {
    const failure = this.failures.get(name);
    return failure && new Error(`its base cannot be applied to the stand-in, so there is nothing to plan against: ${failure.message}`);
  }
}

/** Base stacks to bring for stacks: themselves, or for new ones what they read. */
function baseNeededBy(stacks: readonly AffectedStack[]): ReadonlySet<string> {
  return new Set(stacks.flatMap(({ name, base, head }) => [...(base ? [name] : []), ...(head?.dependencies ?? [])]));
}

async function planOverBase(
  standIn: StandIn,
  base: Base,
  { affected, parallel, interrupts, onProgress }: RehearsedOptions,
): Promise<{ readonly outcomes: Map<string, Outcome>; readonly waiting: ReadonlySet<string> }> {
  const runs = new StackRuns(standIn, parallel, interrupts);
  const outcomes = new Map<string, Outcome>();
  const moving = new Set<string>();
  const waiting = new Set<string>();
  const work = async (stack: ProgramStack, { name, cause }: AffectedStack): Promise<void> => {
    const failure = base.failureOf(name);
    if (failure) {
      outcomes.set(name, { status: "failed", mode: "rehearsed", error: failure });
    } else if (cause !== "removed" && stack.dependencies.some((dependency) => moving.has(dependency))) {
      waiting.add(name);
      moving.add(name);
    } else if (cause === "dependant") {
      outcomes.set(name, { status: "unchanged", because: "nothing that it reads changes" });
    } else {
      onProgress(`planning ${name}`);
      seeThroughProtection(stack);
      const workspace = runs.workspace(stack);
      await workspace.init();
      const plan = await workspace.planOnly(cause === "removed" ? [...FLAGS, "-destroy"] : FLAGS);
      outcomes.set(name, { status: "planned", mode: "rehearsed", plan, pending: [], stale: [] });
      if (cause !== "removed" && hasOutputChanges(plan)) moving.add(name);
    }
  };
  await planEach(affected, { mode: "rehearsed", parallel, interrupts, work, outcomes });
  return { outcomes, waiting };
}

/** Plans stacks that read what the change itself changes, after applying it to a copy of the base. */
async function planOverHead(
  options: RehearsedOptions,
  known: ReadonlyMap<string, Outcome>,
  waiting: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Outcome>> {
  const { root, folder, affected, parallel, interrupts, onProgress } = options;
  const scratch = `${folder}.head`;
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  const within = affected.filter(({ head }) => head !== undefined);
  const needed = new Set(
    upstreamClosure(
      within.flatMap(({ head }) => head ?? []),
      waiting,
    ).map(({ name }) => name),
  );
  for (const part of ["state", "world.json", join("head", "stacks")])
    if (existsSync(join(folder, part))) cpSync(join(folder, part), join(scratch, part), { recursive: true });
  // A network whose subnets are in use is refused its replacement; what its readers would plan is shown all the same.
  const standIn = await startStandIn(root, scratch, { facts: new Facts(root, "never-refused") });
  const outcomes = new Map<string, Outcome>();
  const unmoved = new Set<string>();
  try {
    const runs = new StackRuns(standIn, parallel, interrupts);
    const work = async (stack: ProgramStack): Promise<void> => {
      const { name } = stack;
      const waits = waiting.has(name);
      const isRead = within.some(({ name: other, head }) => waiting.has(other) && head?.dependencies.includes(name));
      if (!waits && (!isRead || known.get(name)?.status !== "planned")) return;
      onProgress(waits ? `planning ${name} over its changed upstream` : `applying ${name} to a copy`);
      seeThroughProtection(stack);
      const workspace = runs.workspace(stack);
      await workspace.init();
      try {
        const plan = isRead ? await workspace.plan(FLAGS) : await workspace.planOnly(FLAGS);
        const pending = stack.dependencies.filter((dependency) => needed.has(dependency));
        if (waits)
          outcomes.set(name, {
            status: "planned",
            mode: "rehearsed",
            plan,
            pending,
            stale: pending.filter((dependency) => unmoved.has(dependency)),
          });
        // What cannot be brought to the head leaves its readers planned over what stands.
        if (isRead) await workspace.apply().catch(() => unmoved.add(name));
      } catch (error) {
        if (waits)
          outcomes.set(name, { status: "failed", mode: "rehearsed", error: error instanceof Error ? error : new Error(String(error)) });
        unmoved.add(name);
      }
    };
    const relocated = within
      .filter(({ name }) => needed.has(name))
      .map((stack): AffectedStack => ({
        ...stack,
        head: stack.head && { ...stack.head, directory: join(scratch, "head", "stacks", stack.name) },
      }));
    await planEach(relocated, { mode: "rehearsed", parallel, interrupts, work, outcomes });
    return outcomes;
  } finally {
    standIn.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}
