import { CST, isMap, isScalar, Lexer, parseAllDocuments, visit, type Document } from "yaml";
import { repeated } from "../config/repeated";
import type { ArchiveFile } from "./archive";
import { plainReason } from "./plain-text";

/** Most of a YAML file that is read, in lexical units: definitions of 60,000 lines, or 250 MB of memory at worst. */
const MAX_UNITS = 500_000;

/** How many lexical units may still be read: what many files share, so that together they do not take minutes either. */
export interface YamlBudget {
  units: number;
}

/** Most anchors and references to them in a file. Each reference is looked for among all anchors, so many take forever. */
const MAX_ANCHORS = 100;

/** How many times the content of one anchor may appear once its references are followed; charts repeat a few lines at most. */
const MAX_REPEATED = 20;

/** Deepest nesting of brackets. */
const MAX_DEPTH = 100;

/**
 * Reads a YAML file of a package, which may be written to exhaust whoever reads it.
 * @param maxBytes largest file that is read
 * @param budget of all files, which this one takes its part of
 * @throws {Error} with the file and the cause
 */
export function readPackageYaml(
  { name, content }: ArchiveFile,
  maxBytes: number,
  budget: YamlBudget = { units: MAX_UNITS },
): readonly unknown[] {
  try {
    if (Buffer.byteLength(content) > maxBytes) throw new Error(`it is larger than ${maxBytes / 1024} KiB`);
    refuseExhausting(content, budget);
    // The library compares each key with each other one; see refuseRepeatedKeys.
    return parseAllDocuments(content, { uniqueKeys: false, prettyErrors: false, logLevel: "error" }).map((document) => {
      const [error] = document.errors;
      if (error) throw error;
      refuseRepeatedKeys(document);
      return document.toJS({ maxAliasCount: MAX_REPEATED }) as unknown;
    });
  } catch (error) {
    throw new Error(`the package's ${name} is no YAML that is accepted: ${plainReason(error)}`, { cause: error });
  }
}

/** Reads units only, one at a time, before anything is built of them. */
function refuseExhausting(content: string, budget: YamlBudget): void {
  let [units, anchors, depth] = [0, 0, 0];
  let before = "";
  for (const unit of new Lexer().lex(content)) {
    // What follows the mark of a scalar is text, whatever it looks like.
    const type = before === CST.SCALAR ? undefined : CST.tokenType(unit);
    before = unit;
    if (type === "anchor" || type === "alias") anchors++;
    if (type === "flow-map-start" || type === "flow-seq-start") depth++;
    if (type === "flow-map-end" || type === "flow-seq-end") depth--;
    if (++units > MAX_UNITS) throw new Error(`it has more than ${MAX_UNITS} lexical units`);
    if (--budget.units < 0) throw new Error("with it, the files of this kind have too many lexical units");
    if (anchors > MAX_ANCHORS) throw new Error(`it has more than ${MAX_ANCHORS} anchors and aliases`);
    if (depth > MAX_DEPTH) throw new Error(`it nests brackets more than ${MAX_DEPTH} deep`);
    if (depth < 0) throw new Error("it closes a bracket that it never opened");
  }
}

function refuseRepeatedKeys(document: Document.Parsed): void {
  visit(document, {
    Map: (_, map) => {
      if (!isMap(map)) return;
      const keys = map.items.map(({ key }) => (isScalar(key) ? String(key.value) : undefined)).filter((key) => key !== undefined);
      const [again] = repeated(keys);
      if (again !== undefined) throw new Error(`it has the key ${again} twice in one mapping`);
    },
  });
}
