import type { Facts } from "../../rehearsal/facts";
import { kindOf, type PlanJson, type ResourceChange } from "../../terraform/plan-json";
import { protectedAddresses, type ProgramResource, type ProgramStack } from "../../terraform/program";
import { importsOf } from "../programs";
import { withTypeMasks } from "../redaction/plan";
import type { Secrets } from "../redaction/secrets";
import { withoutSecrets } from "../redaction/structure";
import type { ResourcePreview } from "../report/model";
import { differencesOf } from "./differences";
import { canonical, type Digests } from "./digests";
import { lossOf, lossReason } from "./stateful";
import { wholesOf } from "./wholes";

/** What a preview of a stack's resources is read off. */
export interface StackContext {
  readonly name: string;
  readonly base: ProgramStack | undefined;
  readonly head: ProgramStack | undefined;
  readonly secrets: Secrets;
  readonly facts: Facts;
  readonly digests: Digests;
  /** The whole plan: what else it does decides what a deletion costs, and what a creation means. */
  readonly plan: Pick<PlanJson, "resource_changes" | "resource_drift">;
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

/**
 * Reads what a plan does to one resource.
 * @returns undefined for what stays as it is, and for data
 */
export function previewResource(change: ResourceChange, context: StackContext): ResourcePreview | undefined {
  const { address, type, mode, deposed } = change;
  const before = resourceAt(context.base, change.previous_address ?? address);
  const after = resourceAt(context.head, address);
  const importedId = change.change.importing ? importedAs(change, context.secrets) : adopted(change, context);
  const kind = previewKind(change, importedId, context);
  if (mode !== "managed" || kind === undefined) return undefined;
  const destroys = kind === "delete" || kind === "replace" || kind === "deposed";
  const lost =
    destroys || kind === "recreate"
      ? lossOf(type, change.change.before ?? change.change.after ?? {}, context.plan.resource_changes)
      : undefined;
  const compared =
    kind === "delete" || kind === "deposed"
      ? { differences: [], unknowns: 0 }
      : differencesOf(withTypeMasks(type, change.change), { ...context, address, given: after?.arguments ?? {} });
  const reason = reasonOf(change, kind, lost);
  const createFirst = kind === "replace" && change.change.actions[0] === "create";
  const keepsOld = kind === "replace" && change.change.actions.includes("forget");
  return {
    address,
    type,
    construct: constructOf(context.name, after ?? before, change.name),
    kind,
    ...(deposed === undefined ? {} : { deposed }),
    ...(createFirst ? { createFirst } : {}),
    ...programDigest(after, context),
    ...(keepsOld ? { keepsOld } : {}),
    ...(change.action_reason === "replace_because_tainted" ? { tainted: true } : {}),
    danger: lost !== undefined ? "stateful" : destroys || kind === "forget" ? "destructive" : "none",
    refused: destroys && deposed === undefined && isProtected(context, change),
    ...(reason === undefined ? {} : { reason }),
    ...(change.previous_address === undefined ? {} : { previousAddress: change.previous_address }),
    ...(importedId === undefined ? {} : { importedId }),
    ...compared,
    wholes: kind === "delete" || kind === "deposed" ? [] : wholesOf({ ...change, change: withTypeMasks(type, change.change) }, context),
  };
}

function programDigest(resource: ProgramResource | undefined, { digests, secrets }: StackContext): Pick<ResourcePreview, "program"> {
  if (!resource) return {};
  const redacted = secrets.redact(canonical(withoutSecrets(resource.arguments)));
  const { digest } = digests.ofWhole(`${resource.address}\0program`, resource.arguments, redacted);
  return digest === undefined ? {} : { program: digest };
}

function reasonOf(change: ResourceChange, kind: ResourcePreview["kind"], lost: string | undefined): string | undefined {
  const words = [
    ...(kind === "update" && growsAtOnce(change)
      ? ["its minimum rises above the nodes it has now; EKS may refuse that until it has grown"]
      : []),
    ...(kind === "recreate" ? ["its object is gone: deleted outside, or looked for in another account or region now"] : []),
    ...(lost === undefined ? [] : [lossReason(lost)]),
    ...(lost === undefined && REASONS[change.action_reason ?? ""] !== undefined ? [REASONS[change.action_reason ?? ""] ?? ""] : []),
  ];
  return words.length === 0 ? undefined : words.join("; ");
}

/** Whether a node group's minimum rises above its present size, which the program leaves to the autoscaler. */
function growsAtOnce({ type, change: { before, after } }: ResourceChange): boolean {
  const sizes = (attributes: Readonly<Record<string, unknown>> | null) => {
    const [scaling] = Array.isArray(attributes?.["scaling_config"]) ? (attributes["scaling_config"] as readonly unknown[]) : [];
    return (scaling ?? {}) as Readonly<Record<string, unknown>>;
  };
  return type === "aws_eks_node_group" && Number(sizes(after)["min_size"]) > Number(sizes(before)["desired_size"]);
}

/** What an import takes over: by its id, or by its identity, which has several parts. */
function importedAs({ change: { importing } }: ResourceChange, secrets: Secrets): string {
  if (importing?.id !== undefined) return secrets.redact(importing.id);
  return importing?.identity === undefined ? "an object that is known after apply" : secrets.redact(JSON.stringify(importing.identity));
}

function previewKind(change: ResourceChange, importedId: string | undefined, context: StackContext): ResourcePreview["kind"] | undefined {
  const kind = kindOf(change);
  if (change.deposed !== undefined) return "deposed";
  if (importedId !== undefined && kind !== "replace" && kind !== "delete") return "import";
  if (kind === "create") return isGone(change, context) ? "recreate" : kind;
  if (kind === "no-op") return change.previous_address === undefined ? undefined : "move";
  return kind === "read" ? undefined : kind;
}

/** Whether Terraform knew the object, and the refresh did not find it. */
function isGone({ address }: ResourceChange, { plan: { resource_drift: drifted = [] } }: StackContext): boolean {
  return drifted.some((drift) => drift.address === address && drift.deposed === undefined && kindOf(drift) === "delete");
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

/** The resource of a program behind an address, whatever its index. */
export function resourceAt(program: ProgramStack | undefined, address: string): ProgramResource | undefined {
  const plain = address.replace(/\[.*\]$/, "");
  return program?.resources.find((resource) => resource.address === plain);
}

/** Path of the construct without the stack's name; without a program, the resource's name without its digest. */
function constructOf(stack: string, resource: ProgramResource | undefined, name: string): string {
  if (!resource) return name.replace(/_[0-9A-F]{8}$/, "");
  const { constructPath } = resource;
  return constructPath.startsWith(`${stack}/`) ? constructPath.slice(stack.length + 1) : constructPath;
}
