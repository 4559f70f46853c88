import { drainsNotBlocked, everythingReady, requestsSet } from "./health";
import type { Finding, Living } from "./living";
import { customResourcesAccepted, noDeprecatedVersions, oneOwnerEach, webhooksBlockNobody } from "./objects";

/** Looks at a cluster that stands, without changing anything. */
export async function examine(living: Living): Promise<readonly Finding[]> {
  const asked = await Promise.all([
    drainsNotBlocked(living),
    customResourcesAccepted(living),
    noDeprecatedVersions(living),
    webhooksBlockNobody(living),
  ]);
  return [...everythingReady(living), ...requestsSet(living), ...oneOwnerEach(living), ...asked.flat()];
}
