import { z } from "zod";
import { differenceSchema, resourceSchema } from "../report/model";

const releaseSchema = z.strictObject({
  release: z.string(),
  address: z.string(),
  /** What differs between what runs and what the lock and the program say. */
  differences: z.array(differenceSchema),
});

const stackSchema = z.strictObject({
  name: z.string(),
  status: z.enum(["same", "differs", "failed"]),
  /** What failed, redacted. */
  note: z.string(),
  /** Changed by someone, outside of Terraform. */
  outside: z.array(resourceSchema),
  /** Changed in the code, and not applied. */
  unapplied: z.array(resourceSchema),
  /** Releases whose live version or values are not those of the lock and the program. */
  releases: z.array(releaseSchema),
});

/** Schema of a drift report, as scripts and workflows read it. */
export const driftSchema = z.strictObject({
  version: z.literal(1),
  at: z.string(),
  terraform: z.string(),
  commit: z.string(),
  fleet: z.string().regex(/^[a-z0-9-]{0,40}$/),
  /** Whether every stack was looked at: a stack that is missing is gone then. */
  whole: z.boolean(),
  stacks: z.array(stackSchema),
});

/** What differs between the account and the code, by cause. */
export type DriftReport = z.infer<typeof driftSchema>;
/** What differs in one stack. */
export type StackDrift = DriftReport["stacks"][number];
/** A release that runs otherwise than declared. */
export type ReleaseDrift = StackDrift["releases"][number];
