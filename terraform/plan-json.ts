import { CommandError } from "../config/command-error";

/** What Terraform does to a resource; `forget` takes it out of the state and leaves the object alone. */
export type Action = "no-op" | "create" | "read" | "update" | "delete" | "forget";

/** A resource's change in `terraform show -json <plan>`; see https://developer.hashicorp.com/terraform/internals/json-format. */
export interface ResourceChange {
  readonly address: string;
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly name: string;
  readonly deposed?: string;
  readonly previous_address?: string;
  readonly action_reason?: string;
  readonly change: {
    /** Replacements are `["delete", "create"]`, or the reverse where the new one is made first. */
    readonly actions: readonly Action[];
    readonly before: Readonly<Record<string, unknown>> | null;
    readonly after: Readonly<Record<string, unknown>> | null;
    readonly after_unknown?: unknown;
    readonly before_sensitive?: unknown;
    readonly after_sensitive?: unknown;
    readonly replace_paths?: readonly (readonly (string | number)[])[];
    /** Terraform gives an id, an identity, or neither while it is unknown; that it is there is what counts. */
    readonly importing?: { readonly id?: string; readonly identity?: unknown };
  };
}

/** Something that a plan invokes, beside changing resources; since Terraform 1.14. */
export interface ActionInvocation {
  readonly address: string;
  readonly config_values?: unknown;
  readonly config_sensitive?: unknown;
  readonly lifecycle_action_trigger?: { readonly triggering_resource_address?: string; readonly action_trigger_event?: string };
}

/** What a check of the program came to. */
export interface CheckResult {
  readonly address: { readonly to_display: string };
  readonly status: "pass" | "fail" | "error" | "unknown";
  readonly instances?: readonly { readonly problems?: readonly { readonly message?: string }[] }[];
}

/** A change of an output. */
export interface OutputChange {
  readonly actions: readonly Action[];
  readonly before?: unknown;
  readonly after?: unknown;
  readonly after_unknown?: unknown;
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
}

/** A plan as `terraform show -json` prints it: the parts that Drydock reads. */
export interface PlanJson {
  readonly format_version: string;
  readonly terraform_version: string;
  readonly resource_changes?: readonly ResourceChange[];
  readonly resource_drift?: readonly ResourceChange[];
  readonly output_changes?: Readonly<Record<string, OutputChange>>;
  readonly action_invocations?: readonly ActionInvocation[];
  readonly deferred_changes?: readonly { readonly reason?: string; readonly resource_change: ResourceChange }[];
  readonly deferred_action_invocations?: readonly { readonly reason?: string; readonly action_invocation: ActionInvocation }[];
  readonly checks?: readonly CheckResult[];
  /** The plan stopped half-way; what it shows is not everything. */
  readonly errored?: boolean;
  /** The state that was planned against, refreshed; without values where nothing was applied yet. */
  readonly prior_state?: { readonly values?: { readonly root_module?: { readonly resources?: readonly PriorResource[] } } };
}

/** A resource as a plan found it. */
export interface PriorResource {
  readonly address: string;
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly sensitive_values?: unknown;
}

/** Major version of the plan format that Drydock reads; within one, Terraform only adds. */
const FORMAT_MAJOR = "1";

/**
 * Reads what `terraform show -json <plan>` printed.
 * @throws {CommandError} when the format is one that Drydock does not know: guessing could hide a deletion
 */
export function parsePlan(text: string): PlanJson {
  const plan = JSON.parse(text) as PlanJson;
  if (plan.format_version.split(".")[0] !== FORMAT_MAJOR)
    throw new CommandError(
      `Terraform ${plan.terraform_version} prints plans in format ${plan.format_version}; Drydock reads format ${FORMAT_MAJOR}. Update Drydock, or use a Terraform that prints format ${FORMAT_MAJOR}.`,
      1,
    );
  return plan;
}

/** What a plan does to one resource, in one word. */
export type Kind = "create" | "update" | "replace" | "delete" | "read" | "no-op" | "forget";

/** Tells replacements from creates and deletes. One that only forgets the old object is a replacement too. */
export function kindOf({ change: { actions } }: Pick<ResourceChange, "change">): Kind {
  if (actions.includes("create") && (actions.includes("delete") || actions.includes("forget"))) return "replace";
  return actions[0] ?? "no-op";
}

/** Number of changed resources by kind; what stays as it is, and what is only read, does not count. */
export interface ChangeCounts {
  readonly create: number;
  readonly update: number;
  readonly replace: number;
  readonly delete: number;
}

/** Counts a plan's changes. */
export function countChanges({ resource_changes: changes = [] }: Pick<PlanJson, "resource_changes">): ChangeCounts {
  const count = (kind: Kind) => changes.filter((change) => change.mode === "managed" && kindOf(change) === kind).length;
  return { create: count("create"), update: count("update"), replace: count("replace"), delete: count("delete") };
}

/** Adds counts up. */
export function sumCounts(counts: readonly ChangeCounts[]): ChangeCounts {
  const sum = (kind: keyof ChangeCounts) => counts.reduce((total, each) => total + each[kind], 0);
  return { create: sum("create"), update: sum("update"), replace: sum("replace"), delete: sum("delete") };
}

/** Whether a plan changes what other stacks may read of it. */
export function hasOutputChanges({ output_changes: outputs = {} }: Pick<PlanJson, "output_changes">): boolean {
  return Object.values(outputs).some(({ actions }) => !actions.includes("no-op"));
}

/** Whether a plan changes nothing. */
export function isEmpty({ create, update, replace, delete: deletes }: ChangeCounts): boolean {
  return create + update + replace + deletes === 0;
}
