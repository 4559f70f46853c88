import type { Facts } from "../../rehearsal/facts";
import { kindOf, type ResourceChange } from "../../terraform/plan-json";
import { protectedAddresses, type ProgramResource, type ProgramStack } from "../../terraform/program";
import { importsOf } from "../programs";
import type { Secrets } from "../redaction/secrets";
import type { ResourcePreview } from "../report/model";
import { differencesOf } from "./differences";
import { lossOf } from "./stateful";

/** What a preview of a stack's resources is read off. */
export interface StackContext {
  readonly name: string;
  readonly base: ProgramStack | undefined;
  readonly head: ProgramStack | undefined;
  readonly secrets: Secrets;
  readonly facts: Facts;
}

/** Terraform's reasons that differences do not show, in a reader's words. */
const REASONS: Readonly<Record<string, string | undefined>> = {
  replace_because_tainted: "an earlier apply left it half made",
  replace_by_request: "someone asked for its replacement",
  replace_by_triggers: "what it is replaced with changes",
  delete_because_no_module: "its module is gone",
  delete_because_wrong_repetition: "it is counted differently now",
  delete_because_count_index: "its index is gone",
  delete_because_each_key: "its key is gone",
};

/** Differences that a create or a removal shows: enough to recognize it. */
const SHOWN_OF_NEW = 40;

/**
 * Reads what a plan does to one resource.
 * @returns undefined for what stays as it is, and for data
 */
export function previewResource(change: ResourceChange, context: StackContext): ResourcePreview | undefined {
  const { address, type, mode, deposed } = change;
  const before = resourceAt(context.base, change.previous_address ?? address);
  const after = resourceAt(context.head, address);
  const importedId = change.change.importing?.id ?? adopted(change, context);
  const kind = previewKind(change, importedId);
  if (mode !== "managed" || kind === undefined) return undefined;
  const destroys = kind === "delete" || kind === "replace" || kind === "deposed";
  const loss = destroys && deposed === undefined ? lossOf(type, change.change.before ?? {}) : undefined;
  const compared =
    kind === "delete" || kind === "deposed" ? { differences: [], unknowns: 0 } : differencesOf(change.change, given(context, after));
  const reason = loss ?? REASONS[change.action_reason ?? ""];
  return {
    address,
    type,
    construct: constructOf(context.name, after ?? before, change.name),
    kind,
    danger: loss !== undefined ? "stateful" : destroys ? "destructive" : "none",
    refused: destroys && deposed === undefined && isProtected(context, change),
    ...(loss !== undefined ? { reason: `lost with it: ${loss}` } : reason === undefined ? {} : { reason }),
    ...(change.previous_address === undefined ? {} : { previousAddress: change.previous_address }),
    ...(importedId === undefined ? {} : { importedId }),
    differences: kind === "create" ? compared.differences.slice(0, SHOWN_OF_NEW) : compared.differences,
    unknowns: compared.unknowns + (kind === "create" ? Math.max(0, compared.differences.length - SHOWN_OF_NEW) : 0),
  };
}

function previewKind(change: ResourceChange, importedId: string | undefined): ResourcePreview["kind"] | undefined {
  const kind = kindOf(change);
  if (change.deposed !== undefined) return "deposed";
  if (importedId !== undefined && kind !== "replace" && kind !== "delete") return "import";
  if (kind === "no-op") return change.previous_address === undefined ? undefined : "move";
  return kind === "read" ? undefined : kind;
}

/** The stand-in makes what the program takes over; a reader should see the latter. */
function adopted(change: ResourceChange, { head }: StackContext): string | undefined {
  return head && kindOf(change) === "create" ? importsOf(head).get(change.address) : undefined;
}

/** A resource is judged by the program that Terraform would refuse it with: the head's, or for a removed stack its last. */
function isProtected({ base, head }: StackContext, { address }: ResourceChange): boolean {
  const program = head ?? base;
  return program !== undefined && protectedAddresses(program).has(address);
}

function given({ secrets }: StackContext, resource: ProgramResource | undefined): Parameters<typeof differencesOf>[1] {
  return { secrets, given: resource?.arguments ?? {} };
}

function resourceAt(program: ProgramStack | undefined, address: string): ProgramResource | undefined {
  const plain = address.replace(/\[.*\]$/, "");
  return program?.resources.find((resource) => resource.address === plain);
}

/** Path of the construct without the stack's name; without a program, the resource's name without its digest. */
function constructOf(stack: string, resource: ProgramResource | undefined, name: string): string {
  if (!resource) return name.replace(/_[0-9A-F]{8}$/, "");
  const { constructPath } = resource;
  return constructPath.startsWith(`${stack}/`) ? constructPath.slice(stack.length + 1) : constructPath;
}
