import { isDeepStrictEqual } from "node:util";
import { kindOf, type PlanJson, type ResourceChange } from "../../terraform/plan-json";
import type { ProgramStack } from "../../terraform/program";
import { isMasked, maskAt } from "../redaction/structure";
import type { ResourcePreview } from "../report/model";
import { previewResource, type StackContext } from "./resource-preview";

/**
 * What someone changed outside of Terraform, as a refresh found it. What AWS itself goes on changing (a status, the
 * number of a version) is nobody's doing and left out.
 */
export function changedOutside(
  { resource_drift: drifted = [], resource_changes: all = [] }: PlanJson,
  context: StackContext,
): ResourcePreview[] {
  return drifted.flatMap((change) => {
    // A move shows as drift of the address that it leaves.
    if (change.change.actions[0] === "no-op" || all.some((other) => other.previous_address === change.address)) return [];
    const preview = previewResource(change, { ...context, head: undefined, plan: {} });
    if (!preview) return [];
    const computed = context.facts.known(change.type)?.computedOnly ?? [];
    const differences = preview.differences.filter(({ path }) => !computed.includes(path.replace(/\[\d+\]/g, "")));
    if (preview.kind === "update" && differences.length === 0) return [];
    const answer = all.find(({ address }) => address === change.address);
    return [{ ...preview, differences, danger: "none" as const, refused: false, reason: answerTo(answer) }];
  });
}

/**
 * Whether a planned change only puts back in place what was changed outside: exactly the attributes that were, to what
 * they were, while the code leaves the resource and its provider alone. A replacement, a deletion or a re-creation never
 * only puts something back, whatever else was changed there.
 */
export function isPutRight(change: ResourceChange, { base, head, plan, facts }: StackContext): boolean {
  const { address, previous_address: moved, deposed } = change;
  const drift = (plan.resource_drift ?? []).find((other) => other.address === address && other.deposed === undefined);
  if (!drift || kindOf(change) !== "update" || kindOf(drift) !== "update" || moved !== undefined || deposed !== undefined) return false;
  if (change.change.importing !== undefined || !base || !head) return false;
  const argumentsIn = (program: ProgramStack) => program.resources.find((resource) => resource.address === address)?.arguments;
  const before = argumentsIn(base);
  if (before === undefined || !isDeepStrictEqual(before, argumentsIn(head)) || !isDeepStrictEqual(base.json.provider, head.json.provider))
    return false;
  const computed = facts.known(change.type)?.computedOnly ?? [];
  const moving = changedAttributes(change).filter((name) => !computed.includes(name));
  const drifted = changedAttributes(drift);
  return moving.every((name) => drifted.includes(name) && isDeepStrictEqual(change.change.after?.[name], drift.change.before?.[name]));
}

/** Attributes that a change gives another value, or one that is known only after the apply. */
function changedAttributes({ change: { before, after, after_unknown: unknown } }: ResourceChange): readonly string[] {
  const unknowns =
    typeof unknown === "object" && unknown !== null ? Object.keys(unknown).filter((name) => isMasked(maskAt(unknown, name))) : [];
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {}), ...unknowns]);
  return [...names].filter((name) => unknowns.includes(name) || !isDeepStrictEqual(before?.[name] ?? null, after?.[name] ?? null));
}

function answerTo(change: ResourceChange | undefined): string {
  const [action = "no-op"] = change?.change.actions ?? [];
  const words: Readonly<Record<string, string | undefined>> = {
    update: "the next apply puts it back",
    create: "the next apply makes it again",
    delete: "the next apply replaces it",
  };
  return words[action] ?? "nothing in the program speaks of it; the next apply only records it";
}
