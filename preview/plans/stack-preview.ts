import type { Facts } from "../../rehearsal/facts";
import { NO_TIME, predict, type Prediction, type TimedChange } from "../../rehearsal/prediction";
import type { PlanJson } from "../../terraform/plan-json";
import { referencesOf } from "../../terraform/references";
import type { AffectedStack } from "../affected";
import type { Secrets } from "../redaction/secrets";
import { collectPlan, collectResource } from "../redaction/plan";
import { DANGERS, type ChartPreview, type ResourcePreview, type StackPreview } from "../report/model";
import type { PlannedStack } from "./outcome";
import type { Digests } from "./digests";
import { shortened } from "./excerpts";
import { otherChanges } from "./other-changes";
import { changedOutside, isPutRight } from "./outside";
import { previewResource, resourceAt, type StackContext } from "./resource-preview";
import { standingOf } from "./standing";
import { stepsBeforeLoss } from "./steps-before-loss";

/** Remembers every secret of a plan and of the programs behind it; all stacks first, then anything is written down. */
export function collectPlanSecrets(secrets: Secrets, { stack, outcome }: PlannedStack): void {
  for (const program of [stack.base, stack.head])
    for (const { type, arguments: args } of program?.resources ?? []) collectResource(secrets, type, args, undefined);
  if (outcome.status === "planned") collectPlan(secrets, outcome.plan);
  if (outcome.status === "failed" && outcome.state)
    collectPlan(secrets, { format_version: "", terraform_version: "", prior_state: outcome.state });
}

/** Options of {@link previewStack}. */
export interface StackPreviewOptions {
  readonly planned: PlannedStack;
  /** Mode of the whole preview. */
  readonly mode: StackPreview["mode"];
  readonly secrets: Secrets;
  readonly facts: Facts;
  readonly digests: Digests;
  readonly charts: readonly ChartPreview[];
  /** Changes of this stack that were reviewed; how those stand that the plan leaves alone is then noted too. */
  readonly reviewed?: readonly ResourcePreview[];
}

const NO_COUNTS: StackPreview["counts"] = { create: 0, update: 0, replace: 0, delete: 0, import: 0, forget: 0, move: 0 };

/** Keys of a report whose values are Drydock's own words, numbers or digests. */
const OWN_WORDS: ReadonlySet<string> = new Set([
  "action",
  "cause",
  "danger",
  "digest",
  "kind",
  "mode",
  "program",
  "shape",
  "status",
  "type",
]);

/** What a change does to one stack, without anything secret: also not in an address, a key or an error. */
export function previewStack(options: StackPreviewOptions): StackPreview {
  const stack = readStack(options);
  // Names of stacks stay what they are: deploys go by them.
  return { ...options.secrets.redactWithin(stack, OWN_WORDS), name: stack.name, after: stack.after };
}

function readStack({ planned, mode, secrets, facts, digests, charts, reviewed }: StackPreviewOptions): StackPreview {
  const { stack, outcome } = planned;
  const empty: StackPreview = {
    name: stack.name,
    cause: stack.cause,
    after: [...((stack.head ?? stack.base)?.dependencies ?? [])],
    status: outcome.status,
    mode: outcome.status === "unchanged" ? mode : outcome.mode,
    note: "",
    counts: NO_COUNTS,
    changes: [],
    drift: [],
    others: [],
    steps: [],
    charts: [],
    time: { median: 0, p90: 0 },
  };
  switch (outcome.status) {
    case "failed":
      return { ...empty, note: shortened(secrets.redactProse(outcome.error.message.split("\n")[0] ?? "")) };
    case "unchanged":
      return { ...empty, note: outcome.because };
    case "planned": {
      const { plan } = outcome;
      const context: StackContext = { ...stack, secrets, facts, digests, plan };
      const { changes, drift } = separated(plan, context);
      const errored = plan.errored === true;
      return {
        ...empty,
        status: errored ? "failed" : "planned",
        note: errored ? "the plan stopped half-way, and what it shows is not everything" : noteOf(outcome, mode),
        counts: countsOf(changes),
        changes,
        drift,
        others: otherChanges(plan, context),
        steps: lossSteps(plan, context),
        charts: [...charts],
        ...(reviewed === undefined ? {} : { standing: standingOf(reviewed, changes, plan, context) }),
      };
    }
  }
}

/** Steps of a plan, and of the program alone, that prepare a loss. */
function lossSteps({ resource_changes: changes = [] }: PlanJson, { base, head, secrets }: StackContext): StackPreview["steps"] {
  return changes
    .filter(({ mode }) => mode === "managed")
    .flatMap((change) => {
      const before = resourceAt(base, change.previous_address ?? change.address);
      return stepsBeforeLoss(change, before, resourceAt(head, change.address)).map(({ path, what }) => ({
        address: change.address,
        path,
        what: secrets.redact(what),
      }));
    });
}

function noteOf(outcome: Extract<PlannedStack["outcome"], { status: "planned" }>, mode: StackPreview["mode"]): string {
  const reads = `it reads what this change does to ${outcome.pending.join(", ")}`;
  const why = outcome.pending.length === 0 ? "what it reads is not applied yet" : reads;
  const notes = [
    ...(outcome.mode === "rehearsed" && mode === "real" ? [`planned on the stand-in, because ${why}; never applied as it stands`] : []),
    ...(outcome.mode === "rehearsed" && mode === "rehearsed" && outcome.pending.length > 0 ? [reads] : []),
    ...(outcome.stale.length > 0 ? [`${outcome.stale.join(", ")} could not be brought to the change, so its old outputs were read`] : []),
  ];
  return notes.join("; ");
}

/** What the change does, apart from what someone did outside and Terraform would only put right. */
function separated(plan: PlanJson, context: StackContext): Pick<StackPreview, "changes" | "drift"> {
  const { resource_changes: all = [] } = plan;
  const drift = changedOutside(plan, context);
  const changes = all.flatMap((change) => (isPutRight(change, context) ? [] : (previewResource(change, context) ?? [])));
  return { changes: changes.sort(byDanger), drift };
}

function byDanger(a: ResourcePreview, b: ResourcePreview): number {
  const rank = ({ danger, kind }: ResourcePreview): number => DANGERS.indexOf(danger) * 10 + ORDER.indexOf(kind);
  return rank(a) - rank(b) || a.construct.localeCompare(b.construct, "en") || a.address.localeCompare(b.address, "en");
}

/** What a reader looks at first, among equally dangerous changes. */
const ORDER: readonly ResourcePreview["kind"][] = [
  "delete",
  "deposed",
  "replace",
  "recreate",
  "forget",
  "import",
  "move",
  "update",
  "create",
];

function countsOf(changes: readonly ResourcePreview[]): StackPreview["counts"] {
  const count = (...kinds: ResourcePreview["kind"][]) => changes.filter(({ kind }) => kinds.includes(kind)).length;
  return {
    create: count("create", "recreate"),
    update: count("update"),
    replace: count("replace"),
    delete: count("delete", "deposed"),
    import: count("import"),
    forget: count("forget"),
    move: count("move"),
  };
}

const OPERATIONS: Readonly<Partial<Record<ResourcePreview["kind"], TimedChange["operations"]>>> = {
  create: ["create"],
  recreate: ["create"],
  update: ["update"],
  replace: ["delete", "create"],
  delete: ["delete"],
  deposed: ["delete"],
};

/** How long applying a stack's changes takes on AWS, along its own graph; types without facts take no time. */
export function predictStack({ base, head }: AffectedStack, changes: readonly ResourcePreview[], facts: Facts): Prediction {
  const timed = changes.flatMap(({ address, type, kind }): TimedChange[] => {
    const operations = OPERATIONS[kind];
    return operations && facts.known(type) ? [{ address, type, operations }] : [];
  });
  if (timed.length === 0) return NO_TIME;
  const dependencies = new Map<string, readonly string[]>();
  for (const program of [base, head])
    for (const [address, waitsFor] of program ? referencesOf(program) : [])
      dependencies.set(address, [...(dependencies.get(address) ?? []), ...waitsFor]);
  return predict(timed, dependencies, facts);
}
