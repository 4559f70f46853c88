import { isDeepStrictEqual } from "node:util";
import { kindOf, type ResourceChange } from "../../terraform/plan-json";
import { HIDDEN } from "../redaction/secrets";
import { isMasked, maskAt, withoutSecrets, type Mask } from "../redaction/structure";
import type { ResourcePreview } from "../report/model";
import { canonical } from "./digests";
import type { StackContext } from "./resource-preview";

/**
 * Digests of whole attributes, as far as they are known: of each that changes, and of all where an object is made. They
 * hold a deploy to every byte of a value, whatever part of it a report shows; and when a replacement stops between
 * deletion and creation, the rest of it is a creation with the same attributes.
 */
export function wholesOf(
  planned: Pick<ResourceChange, "address" | "change">,
  { secrets, digests }: Pick<StackContext, "secrets" | "digests">,
): ResourcePreview["wholes"] {
  const { address, change } = planned;
  const kind = kindOf(planned);
  const all = kind === "create" || kind === "replace";
  return Object.entries(change.after ?? {})
    .filter(([name]) => !isMasked(maskAt(change.after_unknown, name)))
    .filter(([name, value]) => (all ? value !== null : !isDeepStrictEqual(value, change.before?.[name] ?? null)))
    .map(([path, value]) => {
      const open = withoutMasked(withoutSecrets(value), maskAt(change.after_sensitive, path));
      const redacted = typeof open === "string" ? JSON.stringify(secrets.redactProse(open)) : secrets.redact(canonical(open));
      return { path, ...digests.ofWhole(`${address}\0whole ${path}`, value, redacted) };
    });
}

/** A copy without what Terraform masks. */
function withoutMasked(value: unknown, mask: Mask): unknown {
  if (mask === true) return HIDDEN;
  if (!isMasked(mask) || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item, index) => withoutMasked(item, maskAt(mask, index)));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutMasked(inner, maskAt(mask, key))]));
}
