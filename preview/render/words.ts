import { duration } from "../../rehearsal/report/words";
import { ALLOWED_FILE } from "../guard";
import type { ChartPreview, Difference, GuardFindings, OtherChange, PreviewReport, ResourcePreview, StackPreview } from "../report/model";

/** What happens to a resource, as a participle. */
export const KIND_WORDS: Readonly<Record<ResourcePreview["kind"], string>> = {
  create: "created",
  recreate: "created again",
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
  recreate: "+",
  update: "~",
  replace: "-/+",
  delete: "-",
  move: "→",
  import: "←",
  forget: "×",
  deposed: "-",
};

/** Counts in the order in which a reader asks for them. */
export const COUNTED = [
  ["delete", "deleted"],
  ["replace", "replaced"],
  ["update", "changed"],
  ["create", "created"],
  ["import", "adopted"],
  ["forget", "forgotten"],
  ["move", "moved"],
] as const satisfies readonly (readonly [keyof PreviewReport["counts"], string])[];

/** Counts that every table of stacks has a column for; the others are said in words. */
export const TABLE_COUNTS = ["create", "update", "replace", "delete"] as const;

/** One line that says everything: what failed, and what happens to how many, where. */
export function headline({ stacks, counts }: PreviewReport): string {
  const failed = stacks.filter(({ status }) => status === "failed").length;
  const touched = stacks.filter(({ changes }) => changes.length > 0).length;
  const parts = COUNTED.filter(([kind]) => counts[kind] > 0).map(([kind, word]) => `${counts[kind]} ${word}`);
  const others = (wanted: OtherChange["kind"]): number =>
    stacks.flatMap((stack) => stack.others).filter(({ kind }) => kind === wanted).length;
  const what = [
    ...(parts.length > 0 ? [`${parts.join(", ")} in ${plural(touched, "stack")}`] : []),
    ...(others("action") > 0 ? [`${plural(others("action"), "action")} invoked`] : []),
    ...(others("deferred") > 0 ? [`${plural(others("deferred"), "change")} deferred`] : []),
    ...(others("check") > 0 ? [`${plural(others("check"), "check")} failed`] : []),
  ].join(", ");
  if (failed > 0) return `${plural(failed, "plan")} failed; ${what === "" ? "nothing is known to change" : what}`;
  return what === "" ? "nothing changes" : what;
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
export function comparison({ base, head, terraform, fleet, drydock }: PreviewReport): string {
  return `${fleet === "" ? "" : `${fleet}: `}${base.name} (${base.commit.slice(0, 7)}) → ${head.commit.slice(0, 7)}${head.dirty ? " with uncommitted changes" : ""}, Terraform ${terraform}, Drydock ${drydock}`;
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
export function stackNote({ status, cause, note, counts }: StackPreview): string {
  const rest = COUNTED.filter(([kind]) => !TABLE_COUNTS.some((own) => own === kind) && counts[kind] > 0).map(
    ([kind, word]) => `${counts[kind]} ${word}`,
  );
  const cases = {
    changed: "",
    new: "new stack",
    removed: "removed stack",
    dependant: "reads a changed stack",
    unapplied: "merged before, and never applied",
  }[cause];
  const result = status === "failed" ? `plan failed: ${note}` : note;
  return [cases, ...rest, result].filter((part) => part !== "").join("; ");
}

const GUARDED: Readonly<Record<GuardFindings["violations"][number]["action"], string>> = {
  delete: "deleted",
  replace: "replaced",
  recreate: "created again",
};

/** What the guard says of what nobody allowed. */
export function refusalWords({ action }: GuardFindings["violations"][number]): string {
  return `may not be ${GUARDED[action]}: no entry in ${ALLOWED_FILE} allows it`;
}

/** What the guard says of an entry that matches nothing. */
export function staleWords({ action }: GuardFindings["stale"][number]): string {
  return `(${action}) matches nothing any more: take it out of ${ALLOWED_FILE}`;
}

/** What the guard says of what an entry allows, before the entry's own reason. */
export function allowanceWords({ action }: GuardFindings["allowed"][number]): string {
  return `may be ${GUARDED[action]}`;
}

/** Differences of a new object that are shown: enough to recognize it. */
const SHOWN_OF_NEW = 40;

/** Differences that are shown with a change: values of a release stand with its chart, and a new object is cut. */
export function shownDifferences(change: ResourcePreview, { charts }: Pick<StackPreview, "charts">): readonly Difference[] {
  const isRelease = charts.some(({ address }) => address === change.address);
  const own = isRelease ? change.differences.filter(({ path }) => !/^values\b/.test(path)) : change.differences;
  const sorted = [...own].sort((a, b) => Number(b.forces) - Number(a.forces));
  return change.kind === "create" || change.kind === "recreate" ? sorted.slice(0, SHOWN_OF_NEW) : sorted;
}

/** Most attributes, and longest value, that a summary line names. */
const SMALL = { differences: 2, length: 40 };

/** A small change in its summary line, such as `max_size 3 → 4`; undefined for a larger one. */
export function smallChange({ kind }: ResourcePreview, shown: readonly Difference[]): string | undefined {
  if (kind !== "update" || shown.length === 0 || shown.length > SMALL.differences) return undefined;
  const parts = shown.map((difference) => {
    const { before = "nothing", after = "nothing", note } = sides(difference);
    return `${difference.path} ${note === "" ? `${before} → ${after}` : `(${note})`}`;
  });
  return parts.every((part) => part.length <= SMALL.length * 2) ? parts.join(", ") : undefined;
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
    case "changed": {
      const note = listWords(before, after);
      return note === undefined ? { before, after, note: "" } : { before: undefined, after: undefined, note };
    }
  }
}

/** Two lists by what comes and goes; undefined where they are no lists, or nothing of the one is in the other. */
function listWords(before: string | undefined, after: string | undefined): string | undefined {
  const [old, now] = [listIn(before), listIn(after)];
  if (!old || !now) return undefined;
  const without = (list: readonly string[], other: readonly string[]): readonly string[] => {
    const rest = [...other];
    return list.filter((item) => {
      const index = rest.indexOf(item);
      if (index >= 0) rest.splice(index, 1);
      return index < 0;
    });
  };
  const [added, gone] = [without(now, old), without(old, now)];
  if (gone.length === old.length || added.length + gone.length === 0) return undefined;
  return [...(added.length > 0 ? [`adds ${added.join(", ")}`] : []), ...(gone.length > 0 ? [`takes away ${gone.join(", ")}`] : [])].join(
    "; ",
  );
}

/** Items of a list that is shown whole. */
function listIn(text: string | undefined): readonly string[] | undefined {
  if (!text?.startsWith("[") || !text.endsWith("]")) return undefined;
  try {
    const list = JSON.parse(text) as unknown;
    return Array.isArray(list) && list.length <= 200 && list.every((item) => typeof item !== "object")
      ? list.map((item) => JSON.stringify(item))
      : undefined;
  } catch {
    return undefined;
  }
}

/** What is special about a resource's change beside its kind. */
export function remarks(change: ResourcePreview): readonly string[] {
  return [
    ...(change.reason === undefined ? [] : [change.reason]),
    ...(change.keepsOld ? ["the old object stays in the account, and Terraform no longer knows it"] : []),
    ...(change.refused ? ["Terraform refuses it at the deploy: the program protects it"] : []),
    ...(change.previousAddress === undefined ? [] : [`was ${change.previousAddress}`]),
    ...(change.importedId === undefined ? [] : [`takes over ${change.importedId}`]),
    ...(change.unknowns > 0 && change.kind !== "create" ? [`${plural(change.unknowns, "more attribute")} known after apply`] : []),
  ];
}

/** What changes about a release, in one line. */
export function chartWords({ release, chart, version, appVersion, values, newCrds, droppedCrds }: ChartPreview): string {
  const arrow = ({ before, after }: ChartPreview["version"]): string =>
    before === after ? (after ?? "unknown") : `${before ?? "none"} → ${after ?? "none"}`;
  const parts = [
    `chart ${chart} ${arrow(version)}`,
    ...(appVersion.before === appVersion.after ? [] : [`application ${arrow(appVersion)}`]),
    ...(values.length > 0 ? [plural(values.length, "value")] : []),
    ...(newCrds.length > 0 ? [plural(newCrds.length, "new definition")] : []),
    ...(droppedCrds.length > 0 ? [plural(droppedCrds.length, "dropped definition")] : []),
  ];
  return `${release}: ${parts.join(", ")}`;
}
