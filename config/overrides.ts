import { z } from "zod";
import { FleetError } from "./problems";

const schema = z.strictObject({
  /** Folder for local state files, used whatever backend the fleet declares. */
  localState: z.string().optional(),
  /** Used instead of `fleet.state.json`. */
  fleetState: z.unknown().optional(),
});

/** What a rehearsal replaces in a synthesis; everything else is the user's own program. */
export type Overrides = z.infer<typeof schema>;

/** Key of the overrides in cdktf's context. */
export const CONTEXT_KEY = "drydock";

/**
 * Reads the overrides from cdktf's context.
 * @param contextJson value of `CDKTF_CONTEXT_JSON`
 * @throws {FleetError} when they are not what Drydock writes there
 */
export function readOverrides(contextJson: string | undefined): Overrides {
  const context = contextJson ? (JSON.parse(contextJson) as Record<string, unknown>) : {};
  const result = schema.safeParse(context[CONTEXT_KEY] ?? {});
  if (result.success) return result.data;
  throw new FleetError([
    { path: `context ${CONTEXT_KEY}`, reason: z.prettifyError(result.error), fix: "remove it; only Drydock's own commands set it" },
  ]);
}
