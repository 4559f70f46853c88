import { isDeepStrictEqual } from "node:util";
import type { PlanJson, ResourceChange } from "../../terraform/plan-json";
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
    const preview = previewResource(change, { ...context, head: undefined });
    if (!preview) return [];
    const computed = context.facts.known(change.type)?.computedOnly ?? [];
    const differences = preview.differences.filter(({ path }) => !computed.includes(path.replace(/\[\d+\]/g, "")));
    if (preview.kind === "update" && differences.length === 0) return [];
    const answer = all.find(({ address }) => address === change.address);
    return [{ ...preview, differences, danger: "none" as const, refused: false, reason: answerTo(answer) }];
  });
}

/** Whether a planned change only answers what was done outside: the code leaves the resource's arguments alone. */
export function isPutRight({ address }: ResourceChange, outside: readonly ResourcePreview[], { base, head }: StackContext): boolean {
  const argumentsIn = (program: StackContext["base"]) => program?.resources.find((resource) => resource.address === address)?.arguments;
  const before = argumentsIn(base);
  return outside.some((change) => change.address === address) && before !== undefined && isDeepStrictEqual(before, argumentsIn(head));
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
