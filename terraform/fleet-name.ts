import type { ProgramStack } from "./program";

/** Name of the fleet that programs belong to, as their tags say it; empty where none does. */
export function fleetName(stacks: readonly ProgramStack[]): string {
  for (const { json } of stacks)
    for (const { default_tags: tags } of json.provider?.["aws"] ?? []) {
      const [first] = (Array.isArray(tags) ? tags : []) as readonly { readonly tags?: Readonly<Record<string, unknown>> }[];
      const name = first?.tags?.["drydock:fleet"];
      if (typeof name === "string" && /^[a-z0-9-]{1,40}$/.test(name)) return name;
    }
  return "";
}
