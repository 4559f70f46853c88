import { checkAccounts } from "./accounts";
import { checkDurations } from "./durations";
import type { Check } from "./input";
import { checkNames } from "./names";
import { checkNetworks } from "./network";
import { checkNodes } from "./nodes";
import { checkPlatforms } from "./platform";
import { checkState } from "./state";

/** Every rule that looks at more than one field. */
export const CHECKS: readonly Check[] = [checkNames, checkAccounts, checkNetworks, checkNodes, checkState, checkDurations, checkPlatforms];
