import type { KeyTree } from "../config/key-tree";

/** Joins what two sources know of the same values: every key of either, every type of either. */
export function mergeTrees(a: KeyTree, b: KeyTree): KeyTree {
  const merged: Record<string, KeyTree | string> = { ...a };
  for (const [key, node] of Object.entries(b)) {
    const known = merged[key];
    merged[key] = known === undefined ? node : mergeNodes(known, node);
  }
  return merged;
}

function mergeNodes(a: KeyTree | string, b: KeyTree | string): KeyTree | string {
  if (typeof a === "object" && typeof b === "object") return mergeTrees(a, b);
  if (typeof a === "string" && typeof b === "string") return mergeTypes(a, b);
  // Known keys say more than that there are some; a null or empty default says nothing against them.
  const [tree, types] = typeof a === "object" ? [a, b as string] : [b as KeyTree, a];
  return types === "map" || types === "any" ? tree : "any";
}

/** `any` is what a source says that knows no better, so it yields to a type. */
function mergeTypes(a: string, b: string): string {
  const types = new Set([...a.split("|"), ...b.split("|")].filter((type) => type !== "any"));
  return types.size === 0 ? "any" : [...types].sort().join("|");
}
