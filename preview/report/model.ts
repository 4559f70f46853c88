import { z } from "zod";

/** Any text of a report: what is longer was never written by Drydock, and would take much memory to escape. */
const text = z.string().max(8 * 1024);

/** A unified diff, cut where it was made. */
const diffText = z.string().max(64 * 1024);

const countsSchema = z.strictObject({
  create: z.int(),
  update: z.int(),
  replace: z.int(),
  delete: z.int(),
  /** Objects that exist and are taken over. */
  import: z.int(),
  /** Objects that stay and that Terraform no longer knows. */
  forget: z.int(),
  /** Objects that only get another address. */
  move: z.int(),
});

/** Digests of a whole value, which may be cut or hidden where it is shown. */
const digestShape = {
  /** Equal for equal values only; undefined where nothing may be said of a hidden value without a key. */
  digest: text.optional(),
  /** The same without ids that AWS makes; undefined where there are none. */
  shape: text.optional(),
};

/** One attribute that differs. Values are text, cut and redacted; nothing secret ever gets in here. */
export const differenceSchema = z.strictObject({
  /** Path with dots and indexes, such as `scaling_config[0].max_size`. */
  path: text,
  /**
   * `changed`: both sides are known; `unknown`: known after apply; `secret`: it differs, and may not be shown;
   * `reordered`: the same elements in another order.
   */
  kind: z.enum(["changed", "unknown", "secret", "reordered"]),
  /** Undefined where there was nothing. */
  before: text.optional(),
  /** Undefined where there will be nothing, or nothing is known. */
  after: text.optional(),
  /** Whether it forces the replacement. */
  forces: z.boolean(),
  ...digestShape,
});

/** What may be done about a stateful object only when `allowed-changes.json` says so. */
export const GUARDED_ACTIONS = ["delete", "replace", "recreate"] as const;

/** Ways in which a change needs eyes, most dangerous first. */
export const DANGERS = ["stateful", "destructive", "none"] as const;

/** What happens to one resource. */
export const resourceSchema = z.strictObject({
  address: text,
  type: text,
  /** Construct that made it, without the stack's name. */
  construct: text,
  /**
   * `recreate`: its object is gone, or cannot be found where the program now looks for it, and another one is made;
   * `deposed`: what a replacement left behind is deleted.
   */
  kind: z.enum(["create", "recreate", "update", "replace", "delete", "move", "import", "forget", "deposed"]),
  /** Key of a deposed object. */
  deposed: text.optional(),
  /** The new object of a replacement is made before the old one goes. */
  createFirst: z.boolean().optional(),
  /**
   * Digest of what the program says of the resource: what is unknown, or made up by the stand-in, stands for another value
   * only where this is the same.
   */
  program: text.optional(),
  /** The replaced object stays in the account, and Terraform no longer knows it. */
  keepsOld: z.boolean().optional(),
  /** An earlier apply left it half made. */
  tainted: z.boolean().optional(),
  /** `stateful`: something that cannot be made again is deleted or replaced. */
  danger: z.enum(DANGERS),
  /** Terraform will refuse it at the deploy, because the program protects it. */
  refused: z.boolean(),
  /** Why Terraform does it, where it is not plain from the differences. */
  reason: text.optional(),
  previousAddress: text.optional(),
  importedId: text.optional(),
  differences: z.array(differenceSchema),
  /** Digests of whole attributes: of each that changes, and of all where an object is made. */
  wholes: z.array(z.strictObject({ path: text, ...digestShape })),
  /** Attributes that are known after apply and say nothing of interest. */
  unknowns: z.int(),
});

const chartSchema = z.strictObject({
  release: text,
  address: text,
  chart: text,
  version: z.strictObject({ before: text.optional(), after: text.optional() }),
  appVersion: z.strictObject({ before: text.optional(), after: text.optional() }),
  values: z.array(differenceSchema),
  newCrds: z.array(text),
  droppedCrds: z.array(text),
  /** A unified diff of the rendered manifests, or why there is none. */
  manifests: z.discriminatedUnion("status", [
    z.strictObject({ status: z.literal("compared"), diff: diffText }),
    z.strictObject({ status: z.literal("not compared"), because: text }),
  ]),
});

/** What a plan does besides changing resources. */
const otherSchema = z.strictObject({
  /**
   * `action`: something is invoked; `deferred`: a change is left for a later plan; `check`: a check of the program fails;
   * `output`: a value that other stacks may read changes.
   */
  kind: z.enum(["action", "deferred", "check", "output"]),
  address: text,
  what: text,
  ...digestShape,
});

/** How a reviewed resource stands that a plan leaves alone, wholly or in parts. */
const standingSchema = z.strictObject({
  address: text,
  exists: z.boolean(),
  values: z.array(z.strictObject({ path: text, sorted: z.boolean(), ...digestShape })),
});

const stackSchema = z.strictObject({
  name: text,
  /** `unapplied`: its program is the base's, and something in it was never applied. */
  cause: z.enum(["changed", "new", "removed", "dependant", "unapplied"]),
  /** Stacks that it is applied after. */
  after: z.array(text),
  status: z.enum(["planned", "failed", "unchanged"]),
  mode: z.enum(["real", "rehearsed"]),
  /** Why it is rehearsed among real plans, why nothing was planned, or what failed. */
  note: text,
  counts: countsSchema,
  changes: z.array(resourceSchema),
  /** What someone changed outside, and what this plan would do about it. */
  drift: z.array(resourceSchema),
  others: z.array(otherSchema),
  /** Steps that prepare a loss, such as protection that is turned off. */
  steps: z.array(z.strictObject({ address: text, path: text, what: text })),
  /** Only where a plan is held to a reviewed one. */
  standing: z.array(standingSchema).optional(),
  charts: z.array(chartSchema),
  /** Seconds. */
  time: z.strictObject({ median: z.number(), p90: z.number() }),
});

const guardedSchema = z.strictObject({ address: text, action: z.enum(GUARDED_ACTIONS) });

const guardSchema = z.strictObject({
  violations: z.array(guardedSchema),
  allowed: z.array(guardedSchema.extend({ why: text })),
  /** Entries of allowed-changes.json that match nothing any more. */
  stale: z.array(guardedSchema),
});

/** A preview, as it is stored, sent between workflows, and rendered. */
export const reportSchema = z.strictObject({
  version: z.literal(2),
  mode: z.enum(["real", "rehearsed"]),
  /** ISO 8601. */
  at: text,
  terraform: text,
  /** Name of the fleet. */
  fleet: z.string().regex(/^[a-z0-9-]{0,40}$/),
  /** Version of the Drydock that made it. */
  drydock: text,
  /** How the digests of values were made; without a key, hidden values have none. */
  digests: z.enum(["sha256", "hmac-sha256"]),
  base: z.strictObject({ name: text, commit: text }),
  head: z.strictObject({ commit: text, dirty: z.boolean() }),
  stacks: z.array(stackSchema),
  counts: countsSchema,
  guard: guardSchema,
  cost: z.strictObject({
    before: z.number(),
    after: z.number(),
    items: z.array(z.strictObject({ what: text, before: z.number(), after: z.number() })),
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
/** What a plan does besides changing resources. */
export type OtherChange = StackPreview["others"][number];
/** How a reviewed resource stands that a plan leaves alone. */
export type Standing = NonNullable<StackPreview["standing"]>[number];
/** One attribute that differs. */
export type Difference = ResourcePreview["differences"][number];
/** What a change does to one Helm release. */
export type ChartPreview = StackPreview["charts"][number];
/** What the guard found. */
export type GuardFindings = PreviewReport["guard"];
