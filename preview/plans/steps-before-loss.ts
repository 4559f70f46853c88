import facts from "../../facts/loss-steps.json";
import { kindOf, type ResourceChange } from "../../terraform/plan-json";
import type { ProgramResource } from "../../terraform/program";
import { amountOf, instead, type Amount } from "./amounts";
import { COMPUTED, EVERYWHERE, isReference, plannedValues, valuesAt, type Found, type ListIdentity } from "./attribute-paths";
import { readable } from "./release-values";

/** A step that loses nothing itself, but takes away what stands before a loss. */
export interface StepBeforeLoss {
  /** Attribute or argument, such as `rule[0].expiration[0].days`; empty for the resource itself. */
  readonly path: string;
  /** Such as `deletion protection is turned off`. */
  readonly what: string;
}

/** One entry of facts/loss-steps.json; its schema says what the fields mean. */
export interface Step {
  readonly types?: readonly string[];
  readonly path?: string;
  readonly in?: string;
  readonly kind: string;
  readonly values?: readonly unknown[];
  readonly absent?: unknown;
  readonly absentIn?: Readonly<Record<string, unknown>>;
  readonly missing?: unknown;
  readonly lists?: Readonly<Record<string, ListIdentity | undefined>>;
  readonly of?: string;
  readonly unit?: string;
  readonly forever?: readonly unknown[];
  readonly what: string;
}

/** One group of values, on both sides of a change. */
interface Sides {
  readonly step: Step;
  readonly before: Side;
  readonly after: Side;
}

interface Side {
  readonly found: readonly Found[];
  /** The values, with defaults where there are none; undefined where nothing is to be compared. */
  readonly values: readonly unknown[] | undefined;
  /** Amounts that hold for every group. */
  readonly everywhere: readonly unknown[];
}

const STEPS: readonly Step[] = facts.steps;

/**
 * Steps of a change that prepare a loss: protection turned off, retention shortened, versions no longer kept.
 * Each of them alone loses nothing, and the next change may then lose everything without being refused.
 *
 * @param change also one that changes nothing: `prevent_destroy` is only in the programs
 * @param base the resource in the program of the base; undefined where it has none
 * @param head the resource in the program of the head
 */
export function stepsBeforeLoss(
  change: ResourceChange,
  base: ProgramResource | undefined,
  head: ProgramResource | undefined,
): readonly StepBeforeLoss[] {
  const kind = kindOf(change);
  if (change.mode !== "managed" || change.deposed !== undefined || kind === "read" || kind === "forget") return [];
  const steps = STEPS.filter(({ types }) => types === undefined || types.includes(change.type));
  if (kind === "delete")
    return steps.filter((step) => step.kind === "removed" && step.path === undefined).map(({ what }) => ({ path: "", what }));
  const before = readable(change.type, change.change.before ?? {});
  const after = readable(change.type, plannedValues(change.change.after ?? {}, change.change.after_unknown, head?.arguments));
  return steps.flatMap((step) => {
    if (step.path === undefined) return [];
    if (step.in === "program") return base && head ? compared(step, change.type, base.arguments, head.arguments) : [];
    // A new object holds nothing yet, unless it says what becomes of one that is there.
    if (change.change.before === null && !namesWhatExists(step, after)) return [];
    return compared(step, change.type, before, after);
  });
}

function namesWhatExists({ of }: Step, after: unknown): boolean {
  const [name] = of === undefined ? [] : valuesAt(after, of);
  return typeof name?.value === "string" && !isReference(name.value);
}

function compared(step: Step, type: string, before: unknown, after: unknown): readonly StepBeforeLoss[] {
  const absent = step.absentIn?.[type] ?? step.absent;
  const [left, right] = [before, after].map((root) => valuesAt(root, step.path ?? "", step.lists)) as [readonly Found[], readonly Found[]];
  return [...new Set([...left, ...right].map(({ group }) => group))].flatMap((group) => {
    const sides: Sides = { step, before: sideOf(left, group, step, absent), after: sideOf(right, group, step, absent) };
    // What the provider fills in stays as it is.
    if (sides.after.found.length > 0 && sides.after.found.every(({ value }) => value === COMPUTED)) return [];
    return (step.kind === "removed" ? removal(sides) : step.kind === "shortened" ? shortening(sides) : turn(sides)) ?? [];
  });
}

function sideOf(all: readonly Found[], group: string, { missing }: Step, absent: unknown): Side {
  // What is unknown as a whole is so in each of its parts.
  const covers = (found: Found) => isUnknown(found.value) && group.startsWith(`${found.group}/`);
  const found = all.filter((each) => each.group === group || covers(each));
  const values = found.length > 0 ? found.map(({ value }) => value ?? absent) : [missing];
  const everywhere = group === EVERYWHERE ? [] : all.filter((each) => each.group === EVERYWHERE).map(({ value }) => value ?? absent);
  return { found, values: values.includes(undefined) ? undefined : values, everywhere };
}

/** Something is turned on or off. */
function turn({ step, before, after }: Sides): StepBeforeLoss | undefined {
  const { kind, values = [true], what } = step;
  const hit = (value: unknown) => values.includes(value === "true" ? true : value === "false" ? false : value);
  const safe = (side: readonly unknown[]) => side.some(hit) === (kind === "off");
  if (before.values === undefined || after.values === undefined || !safe(before.values)) return undefined;
  const unknown = after.found.find(({ value }) => isReference(value));
  if (unknown) return { path: unknown.path, what: `${what}, or not: that is known only after the apply` };
  if (safe(after.values)) return undefined;
  const place = after.found.find(({ value }) => hit(value)) ?? after.found.find(({ value }) => value === null) ?? after.found[0];
  return { path: pathOf(step, place, before), what };
}

/** An amount gets less. */
function shortening({ step, before, after }: Sides): StepBeforeLoss | undefined {
  const measure = { unit: step.unit ?? "", forever: step.forever };
  const least = (values: readonly unknown[] = []) =>
    values
      .map((value) => amountOf(value, measure))
      .reduce<Amount | undefined>((a, b) => (a && b && a.size <= b.size ? a : (b ?? a)), undefined);
  const was = least([...(before.values ?? []), ...before.everywhere]);
  if (before.values === undefined || was === undefined || was.size <= 0) return undefined;
  const unknown = after.found.find(({ value }) => isReference(value));
  if (unknown) return { path: unknown.path, what: `${step.what} for as long as is known only after the apply` };
  const now = least(after.values);
  if (now === undefined || now.size >= was.size) return undefined;
  const place = after.found.find(({ value }) => amountOf(value, measure)?.size === now.size) ?? after.found[0];
  return { path: pathOf(step, place, before), what: `${step.what} ${instead(now, was, measure)}` };
}

/** Something is no longer there. */
function removal({ step, before, after }: Sides): StepBeforeLoss | undefined {
  const there = ({ found }: Side) => found.some(({ value }) => value !== undefined && value !== null);
  return there(before) && !there(after) ? { path: pathOf(step, undefined, before), what: step.what } : undefined;
}

function pathOf({ path = "" }: Step, found: Found | undefined, before: Side): string {
  return (found ?? before.found[0])?.path ?? path;
}

function isUnknown(value: unknown): boolean {
  return value === COMPUTED || isReference(value);
}
