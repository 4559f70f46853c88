import { parse, type ValueNode } from "@humanwhocodes/momoa";

/**
 * Reads JSON that others wrote. `JSON.parse` silently takes the last of two entries of one key, so that a reviewer reads
 * one and the program uses the other; here that is an error. A byte order mark is accepted.
 *
 * @throws {Error} with the cause: no JSON, a key given twice, or nested deeper than any file of ours
 */
export function parseStrictJson(text: string): unknown {
  const json = text.startsWith("\uFEFF") ? text.slice(1) : text;
  try {
    const value: unknown = JSON.parse(json);
    refuseRepeatedKeys(parse(json, { mode: "json" }).body, []);
    return value;
  } catch (error) {
    if (error instanceof RangeError) throw new Error("it is nested too deeply", { cause: error });
    throw error;
  }
}

function refuseRepeatedKeys(node: ValueNode, path: readonly string[]): void {
  if (node.type === "Array")
    node.elements.forEach(({ value }, index) => {
      refuseRepeatedKeys(value, [...path, String(index)]);
    });
  if (node.type !== "Object") return;
  const seen = new Set<string>();
  for (const { name, value } of node.members) {
    const key = name.type === "String" ? name.value : name.name;
    const where = [...path, key];
    if (seen.has(key)) throw new Error(`it has ${where.join(".")} twice`);
    // Copies of objects drop such a key, or take it for their prototype.
    if (key === "__proto__") throw new Error(`it has the key ${where.join(".")}, which no file of ours has`);
    seen.add(key);
    refuseRepeatedKeys(value, where);
  }
}
