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

/** Variable that carries the overrides past the cdktf CLI, which writes the context itself. */
export const OVERRIDES_VARIABLE = "DRYDOCK_OVERRIDES";

/**
 * Reads the overrides.
 * @param json value of `DRYDOCK_OVERRIDES`
 * @throws {FleetError} when they are not what Drydock writes there
 */
export function readOverrides(json: string | undefined): Overrides {
  const result = schema.safeParse(json === undefined || json === "" ? {} : JSON.parse(json));
  if (result.success) return result.data;
  throw new FleetError([
    {
      path: OVERRIDES_VARIABLE,
      reason: z.prettifyError(result.error),
      fix: "remove it from the environment; only Drydock's own commands set it",
    },
  ]);
}
