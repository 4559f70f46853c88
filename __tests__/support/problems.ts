import type { FleetDeclaration } from "../../config/declaration";
import { FleetError, type Problem } from "../../config/problems";
import { resolveFleet } from "../../config/resolve";
import { filesWith } from "./fleet-files";
import { RUNNING } from "./fleets";

/** The problems that a declaration is refused with; none when it is accepted. */
export function problemsOf(declaration: unknown, state: unknown = RUNNING): readonly Problem[] {
  try {
    resolveFleet(declaration as FleetDeclaration, filesWith(state));
    return [];
  } catch (error) {
    if (error instanceof FleetError) return error.problems;
    throw error;
  }
}
