import type { PlanJson } from "../../terraform/plan-json";
import type { AffectedStack } from "../affected";

/** Where a plan was made: over real state, or over the base applied to the stand-in. */
export type Mode = "real" | "rehearsed";

/** What planning a stack came to. */
export type Outcome =
  | {
      readonly status: "planned";
      readonly mode: Mode;
      readonly plan: PlanJson;
      /** Stacks it reads whose outputs change with this very change, or that are not applied yet. */
      readonly pending: readonly string[];
      /** Those of them that could not be brought to the head in the copy: this plan read their old outputs. */
      readonly stale: readonly string[];
    }
  | {
      readonly status: "failed";
      readonly mode: Mode;
      readonly error: Error;
      /** What the stack's state holds, whose secrets a provider's error may quote. */
      readonly state?: PlanJson["prior_state"];
    }
  /** It cannot differ, so no plan was made. */
  | { readonly status: "unchanged"; readonly because: string };

/** A stack and what planning it came to. */
export interface PlannedStack {
  readonly stack: AffectedStack;
  readonly outcome: Outcome;
}

/** Told what is going on, in a few words. */
export type OnProgress = (text: string) => void;
