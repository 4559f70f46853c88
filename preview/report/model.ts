import { z } from "zod";

const countsSchema = z.strictObject({ create: z.int(), update: z.int(), replace: z.int(), delete: z.int() });

/** One attribute that differs. Values are text, cut and redacted; nothing secret ever gets in here. */
export const differenceSchema = z.strictObject({
  /** Path with dots and indexes, such as `scaling_config[0].max_size`. */
  path: z.string(),
  /**
   * `changed`: both sides are known; `unknown`: known after apply; `secret`: it differs, and may not be shown;
   * `reordered`: the same elements in another order.
   */
  kind: z.enum(["changed", "unknown", "secret", "reordered"]),
  /** Undefined where there was nothing. */
  before: z.string().optional(),
  /** Undefined where there will be nothing, or nothing is known. */
  after: z.string().optional(),
  /** Whether it forces the replacement. */
  forces: z.boolean(),
});

/** Ways in which a change needs eyes, most dangerous first. */
export const DANGERS = ["stateful", "destructive", "none"] as const;

/** What happens to one resource. */
export const resourceSchema = z.strictObject({
  address: z.string(),
  type: z.string(),
  /** Construct that made it, without the stack's name. */
  construct: z.string(),
  kind: z.enum(["create", "update", "replace", "delete", "move", "import", "forget", "deposed"]),
  /** `stateful`: something that cannot be made again is deleted or replaced. */
  danger: z.enum(DANGERS),
  /** Terraform will refuse it at the deploy, because the program protects it. */
  refused: z.boolean(),
  /** Why Terraform does it, where it is not plain from the differences. */
  reason: z.string().optional(),
  previousAddress: z.string().optional(),
  importedId: z.string().optional(),
  differences: z.array(differenceSchema),
  /** Attributes that are known after apply and say nothing of interest. */
  unknowns: z.int(),
});

const chartSchema = z.strictObject({
  release: z.string(),
  address: z.string(),
  chart: z.string(),
  version: z.strictObject({ before: z.string().optional(), after: z.string().optional() }),
  appVersion: z.strictObject({ before: z.string().optional(), after: z.string().optional() }),
  values: z.array(differenceSchema),
  newCrds: z.array(z.string()),
  droppedCrds: z.array(z.string()),
  /** A unified diff of the rendered manifests, or why there is none. */
  manifests: z.discriminatedUnion("status", [
    z.strictObject({ status: z.literal("compared"), diff: z.string() }),
    z.strictObject({ status: z.literal("not compared"), because: z.string() }),
  ]),
});

const stackSchema = z.strictObject({
  name: z.string(),
  cause: z.enum(["changed", "new", "removed", "dependant"]),
  /** Stacks that it is applied after. */
  after: z.array(z.string()),
  status: z.enum(["planned", "failed", "unchanged"]),
  mode: z.enum(["real", "rehearsed"]),
  /** Why it is rehearsed among real plans, why nothing was planned, or what failed. */
  note: z.string(),
  counts: countsSchema,
  changes: z.array(resourceSchema),
  /** What someone changed outside, and what this plan would do about it. */
  drift: z.array(resourceSchema),
  charts: z.array(chartSchema),
  /** Seconds. */
  time: z.strictObject({ median: z.number(), p90: z.number() }),
});

const guardSchema = z.strictObject({
  violations: z.array(z.strictObject({ address: z.string(), action: z.enum(["delete", "replace"]) })),
  allowed: z.array(z.strictObject({ address: z.string(), action: z.enum(["delete", "replace"]), why: z.string() })),
  /** Entries of allowed-changes.json that match nothing any more. */
  stale: z.array(z.strictObject({ address: z.string(), action: z.enum(["delete", "replace"]) })),
});

/** A preview, as it is stored, sent between workflows, and rendered. */
export const reportSchema = z.strictObject({
  version: z.literal(1),
  mode: z.enum(["real", "rehearsed"]),
  /** ISO 8601. */
  at: z.string(),
  terraform: z.string(),
  base: z.strictObject({ name: z.string(), commit: z.string() }),
  head: z.strictObject({ commit: z.string(), dirty: z.boolean() }),
  stacks: z.array(stackSchema),
  counts: countsSchema,
  guard: guardSchema,
  cost: z.strictObject({
    before: z.number(),
    after: z.number(),
    items: z.array(z.strictObject({ what: z.string(), before: z.number(), after: z.number() })),
  }),
  /** Seconds along the graph of stacks. */
  time: z.strictObject({ median: z.number(), p90: z.number() }),
});

/** A preview of a change: one model for every rendering. */
export type PreviewReport = z.infer<typeof reportSchema>;
/** What a change does to one stack. */
export type StackPreview = PreviewReport["stacks"][number];
/** What a change does to one resource. */
export type ResourcePreview = StackPreview["changes"][number];
/** One attribute that differs. */
export type Difference = ResourcePreview["differences"][number];
/** What a change does to one Helm release. */
export type ChartPreview = StackPreview["charts"][number];
/** What the guard found. */
export type GuardFindings = PreviewReport["guard"];
