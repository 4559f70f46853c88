import { duration } from "../../rehearsal/report/words";
import type { Difference, PreviewReport, ResourcePreview, StackPreview } from "../report/model";

/** What happens to a resource, as a participle. */
export const KIND_WORDS: Readonly<Record<ResourcePreview["kind"], string>> = {
  create: "created",
  update: "changed",
  replace: "replaced",
  delete: "deleted",
  move: "moved",
  import: "adopted",
  forget: "forgotten",
  deposed: "left from a replacement, deleted",
};

/** Terraform's own signs. */
export const KIND_SIGNS: Readonly<Record<ResourcePreview["kind"], string>> = {
  create: "+",
  update: "~",
  replace: "-/+",
  delete: "-",
  move: "→",
  import: "←",
  forget: "×",
  deposed: "-",
};

/** One line that says everything: what happens to how many, where. */
export function headline({ stacks, counts }: PreviewReport): string {
  const kinds = [
    [counts.delete, "deleted"],
    [counts.replace, "replaced"],
    [counts.update, "changed"],
    [counts.create, "created"],
  ] as const;
  const parts = kinds.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  const failed = stacks.filter(({ status }) => status === "failed").length;
  const touched = stacks.filter(({ changes }) => changes.length > 0).length;
  const others = counts.create + counts.update + counts.replace + counts.delete === 0 && touched > 0 ? ["resources moved or adopted"] : [];
  const what = [...parts, ...others].join(", ");
  return [
    what === "" ? "nothing changes" : `${what} in ${plural(touched, "stack")}`,
    ...(failed > 0 ? [`${plural(failed, "plan")} failed`] : []),
  ].join("; ");
}

/** `1 stack`, `2 stacks`. */
export function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** What a reader may conclude from the plans. */
export function modeWords({ mode, stacks }: PreviewReport): string {
  if (mode === "rehearsed")
    return "Rehearsed, without credentials: the base was applied to the stand-in and the change planned over it by real Terraform. Ids are made up, and what differs in the account from the base is not seen.";
  const rehearsed = stacks.filter((stack) => stack.mode === "rehearsed").length;
  return `Real: planned against the state of the account with reading rights only, holding no lock.${rehearsed > 0 ? ` ${plural(rehearsed, "stack")} could only be rehearsed, and ${rehearsed === 1 ? "is" : "are"} marked.` : ""}`;
}

/** What was compared. */
export function comparison({ base, head, terraform }: PreviewReport): string {
  return `${base.name} (${base.commit.slice(0, 7)}) → ${head.commit.slice(0, 7)}${head.dirty ? " with uncommitted changes" : ""}, Terraform ${terraform}`;
}

/** Median and 90th percentile, or a dash. */
export function timeWords({ median, p90 }: { readonly median: number; readonly p90: number }): string {
  return median === 0 ? "-" : `${duration(median)} (${duration(p90)})`;
}

/** `$1234`, with a sign where it is a difference. */
export function usd(amount: number, signed = false): string {
  const sign = amount < 0 ? "-" : signed && amount > 0 ? "+" : "";
  return `${sign}$${Math.abs(amount).toFixed(Math.abs(amount) < 10 && amount !== 0 ? 2 : 0)}`;
}

/** What a stack's plan came to, where it is not simply planned. */
export function stackNote({ status, cause, note }: StackPreview): string {
  const cases = { changed: "", new: "new stack", removed: "removed stack", dependant: "reads a changed stack" }[cause];
  const result = status === "failed" ? `plan failed: ${note}` : note;
  return [cases, result].filter((part) => part !== "").join("; ");
}

/** The sides of a difference in words; undefined for nothing there. */
export function sides({ kind, before, after }: Difference): {
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly note: string;
} {
  switch (kind) {
    case "secret":
      return { before: undefined, after: undefined, note: "changes; sensitive" };
    case "reordered":
      return { before: undefined, after: undefined, note: "the same elements in another order" };
    case "unknown":
      return { before, after: undefined, note: after === undefined ? "known after apply" : `known after apply, from ${after}` };
    case "changed":
      return { before, after, note: "" };
  }
}

/** What is special about a resource's change beside its kind. */
export function remarks(change: ResourcePreview): readonly string[] {
  return [
    ...(change.reason === undefined ? [] : [change.reason]),
    ...(change.refused ? ["Terraform refuses it at the deploy: the program protects it"] : []),
    ...(change.previousAddress === undefined ? [] : [`was ${change.previousAddress}`]),
    ...(change.importedId === undefined ? [] : [`takes over ${change.importedId}`]),
    ...(change.unknowns > 0 && change.kind !== "create" ? [`${plural(change.unknowns, "more attribute")} known after apply`] : []),
  ];
}
