import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { protectedAddresses, type ProgramStack } from "../../terraform/program";

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
