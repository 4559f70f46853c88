import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProgramStack } from "../../terraform/program";

/** Addresses that Terraform refuses to destroy. */
export function protectedAddresses({ resources }: Pick<ProgramStack, "resources">): ReadonlySet<string> {
  const refusing = resources.filter(
    ({ arguments: args }) => (args["lifecycle"] as { readonly prevent_destroy?: boolean } | undefined)?.prevent_destroy === true,
  );
  return new Set(refusing.map(({ address }) => address));
}

/**
 * Lets a plan show what it would destroy although it is protected: Terraform itself stops at the first such resource
 * and shows nothing. Only for plans that nobody applies; the report says what will be refused.
 */
export function seeThroughProtection(stack: ProgramStack): void {
  const resource: Record<string, Record<string, object>> = {};
  for (const address of protectedAddresses(stack)) {
    const [type = "", name = ""] = address.split(".");
    resource[type] = { ...resource[type], [name]: { lifecycle: { prevent_destroy: false } } };
  }
  if (Object.keys(resource).length > 0) writeFileSync(join(stack.directory, "preview_override.tf.json"), JSON.stringify({ resource }));
}
