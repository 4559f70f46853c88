import type { KeyTree } from "../../../config/key-tree";
import { nameFix } from "../../../config/nearest";
import type { Problem } from "../../../config/problems";
import { unpinnedImages } from "./unpinned-images";

/** Values of one release to check. */
export interface ValuesCheck {
  /** Where the values are declared. */
  readonly path: string;
  /** Values that the chart knows; undefined where the chart is our own. */
  readonly keys: KeyTree | undefined;
  readonly values: object;
  /** The values as they go to Helm, which tells whether they are the same as others. */
  readonly text: string;
  /** Name and version of the chart. */
  readonly chart: string;
}

const known = new Map<KeyTree | undefined, Map<string, readonly Problem[]>>();

/**
 * Checks values against what the chart knows (Helm ignores a key it does not know without a word), and images for their
 * versions. The same values of the same chart are checked once, however many clusters have them.
 */
export function checkValues({ path, keys, values, text, chart }: ValuesCheck): readonly Problem[] {
  const ofChart = known.get(keys) ?? new Map<string, readonly Problem[]>();
  known.set(keys, ofChart);
  // References to what does not exist yet differ from cluster to cluster and say nothing about keys.
  const same = `${chart} ${text.replaceAll(/\$\{TfToken\[[^\]]*\]\}/g, "")}`;
  const problems = ofChart.get(same) ?? [...(keys === undefined ? [] : unknownIn(keys, values, [], chart)), ...unpinnedImages(values)];
  ofChart.set(same, problems);
  return problems.map((problem) => ({ ...problem, path: `${path}.${problem.path}` }));
}

function unknownIn(keys: KeyTree, values: object, path: readonly string[], chart: string): readonly Problem[] {
  return Object.entries(values).flatMap(([key, value]: [string, unknown]) => {
    if (value === undefined || value === null) return [];
    const at = [...path, key];
    const node = Object.hasOwn(keys, key) ? keys[key] : keys["*"];
    if (node === undefined) {
      return [
        {
          path: at.join("."),
          reason: `${chart} knows no value "${key}" here, and Helm would ignore it`,
          fix: nameFix(
            key,
            Object.keys(keys).filter((other) => other !== "*"),
          ),
        },
      ];
    }
    if (typeof node === "object") {
      if (typeof value === "object" && !Array.isArray(value)) return unknownIn(node, value, at, chart);
      return [wrongType(at, value, "map", chart)];
    }
    return isOfType(value, node) ? [] : [wrongType(at, value, node, chart)];
  });
}

function wrongType(path: readonly string[], value: unknown, types: string, chart: string): Problem {
  return {
    path: path.join("."),
    reason: `${JSON.stringify(value)} is a ${typeOf(value)}, where ${chart} takes a ${types.split("|").join(" or a ")}`,
    fix: `give it a ${types.split("|").join(" or a ")}`,
  };
}

function isOfType(value: unknown, types: string): boolean {
  return types === "any" || types.split("|").some((type) => type === "any" || type === typeOf(value));
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? "list" : typeof value === "object" ? "map" : typeof value;
}
