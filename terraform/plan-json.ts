/** What Terraform does to a resource. */
export type Action = "no-op" | "create" | "read" | "update" | "delete";

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
    readonly importing?: { readonly id: string };
  };
}

/** A plan as `terraform show -json` prints it: the parts that Drydock reads. */
export interface PlanJson {
  readonly format_version: string;
  readonly terraform_version: string;
  readonly resource_changes?: readonly ResourceChange[];
  readonly resource_drift?: readonly ResourceChange[];
  readonly output_changes?: Readonly<Record<string, { readonly actions: readonly Action[] }>>;
}

/** What a plan does to one resource, in one word. */
export type Kind = "create" | "update" | "replace" | "delete" | "read" | "no-op";

/** Tells replacements from creates and deletes. */
export function kindOf({ change: { actions } }: ResourceChange): Kind {
  if (actions.includes("create") && actions.includes("delete")) return "replace";
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

/** Whether a plan changes nothing. */
export function isEmpty({ create, update, replace, delete: deletes }: ChangeCounts): boolean {
  return create + update + replace + deletes === 0;
}
