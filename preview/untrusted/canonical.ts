import { CommandError } from "../../config/command-error";
import { isObject } from "../../config/objects";
import type { Finding } from "./refusal";

/** The body of a block. */
export type Body = Readonly<Record<string, unknown>>;

/** A block with its labels, such as a resource with its type and its name. */
export interface LabelledBlock {
  readonly labels: readonly string[];
  readonly body: Body;
}

/** Blocks of a program by kind, however they were written. */
export interface Blocks {
  readonly blocks: ReadonlyMap<string, readonly LabelledBlock[]>;
  readonly findings: readonly Finding[];
}

/** Number of labels of each kind of block; every other kind has none, or is refused before anybody reads its labels. */
const LABELS: ReadonlyMap<string, number> = new Map([
  ["resource", 2],
  ["data", 2],
  ["ephemeral", 2],
  ["provider", 1],
  ["output", 1],
  ["variable", 1],
  ["module", 1],
  ["check", 1],
]);

/** Most blocks of one stack that are read; the largest of the example has some 300. */
const MOST_BLOCKS = 20_000;

/** Most values and keys of one file; a program of 300 resources has some 20,000. */
const MOST_NODES = 1_000_000;

/** Deepest nesting that is read; policies and Helm values reach about fifteen. */
const DEEPEST = 100;

/**
 * Reads the blocks of a program as Terraform does: at each level of labels, and as a body, an object may also be
 * written as a list of objects. A reader that knows only objects would overlook what stands in a list.
 *
 * @param program parsed JSON
 */
export function readBlocks(program: unknown): Blocks {
  const findings: Finding[] = [];
  const blocks = new Map<string, LabelledBlock[]>();
  for (const root of bodiesOf(program, "", findings))
    for (const [kind, value] of Object.entries(root)) {
      if (kind === "//") continue;
      const known = blocks.get(kind) ?? [];
      blocks.set(kind, known);
      for (const block of labelled(value, LABELS.get(kind) ?? 0, kind, findings)) known.push(block);
      if (known.length <= MOST_BLOCKS) continue;
      return { blocks: new Map(), findings: [{ path: kind, reason: `has more than ${MOST_BLOCKS} blocks`, exception: undefined }] };
    }
  return { blocks, findings };
}

/**
 * Refuses JSON that is deeper or larger than any program, before anything walks through it.
 * @throws {CommandError} with exit code 2
 */
export function refuseSize(value: unknown, file: string): void {
  const waiting: [unknown, number][] = [[value, 0]];
  let nodes = 0;
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [inner, depth] = next;
    if (typeof inner !== "object" || inner === null) continue;
    if (depth > DEEPEST) throw new CommandError(`${file} is nested more than ${DEEPEST} levels deep, which no program is.`, 2);
    for (const each of Object.values(inner)) {
      nodes += 1;
      if (typeof each === "object" && each !== null) waiting.push([each, depth + 1]);
    }
    if (nodes > MOST_NODES) throw new CommandError(`${file} has more than ${MOST_NODES} values, which no program has.`, 2);
  }
}

function labelled(value: unknown, labels: number, path: string, findings: Finding[]): LabelledBlock[] {
  if (labels === 0) return bodiesOf(value, path, findings).map((body) => ({ labels: [], body }));
  return bodiesOf(value, path, findings).flatMap((level) =>
    Object.entries(level).flatMap(([label, inner]) =>
      labelled(inner, labels - 1, `${path}.${label}`, findings).map((block) => ({ ...block, labels: [label, ...block.labels] })),
    ),
  );
}

/** An object, or each object of a list. Null stands for no block at all. */
function bodiesOf(value: unknown, path: string, findings: Finding[]): Body[] {
  if (value === null || value === undefined) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((each) => {
    if (isObject(each)) return [each];
    findings.push({ path: path === "" ? "the program" : path, reason: "is not written as a block", exception: undefined });
    return [];
  });
}

/** A body without notes, which Terraform skips. */
export function withoutNotes(body: Body): Body {
  return Object.fromEntries(Object.entries(body).filter(([key]) => key !== "//"));
}
