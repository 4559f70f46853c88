import type { ProgramStack } from "./program";

/** Start of a reference to a resource, within `${...}`. */
const REFERENCE = /\b([a-z][a-z0-9]*_[a-z0-9_]+\.[A-Za-z_][\w-]*)/g;

/**
 * What each resource of a program waits for, read off its references and its `depends_on`; what Terraform's graph is
 * made of, before any state records it.
 *
 * @returns addresses by address; what is not a resource of the program (data, providers) is left out
 */
export function referencesOf({ resources }: Pick<ProgramStack, "resources">): ReadonlyMap<string, readonly string[]> {
  const known = new Set(resources.map(({ address }) => address));
  return new Map(
    resources.map(({ address, arguments: args }) => {
      const { depends_on: after = [], ...rest } = args;
      const text = expressionsIn(rest).concat(Array.isArray(after) ? after.map(String) : []);
      const found = text.flatMap((expression) => [...expression.matchAll(REFERENCE)].map(([, reference = ""]) => reference));
      return [address, [...new Set(found)].filter((reference) => reference !== address && known.has(reference))];
    }),
  );
}

function expressionsIn(value: unknown): string[] {
  if (typeof value === "string") return value.includes("${") ? [value] : [];
  if (Array.isArray(value)) return value.flatMap(expressionsIn);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(expressionsIn) : [];
}
