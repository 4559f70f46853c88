import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { LOCK_FILE } from "../config/chart-lock";
import type { Overrides } from "../config/overrides";
import { CommandError } from "../config/command-error";
import { readProgram, type ProgramJson, type ProgramStack } from "../terraform/program";
import { synthesize } from "../terraform/synthesize";
import { takePrograms } from "./untrusted-programs";
import { ALLOWED_FILE } from "./guard";
import { keepFile, withWorktree, type Revision } from "./revisions";

/** The same fleet at two revisions. */
export interface ProgramPair {
  readonly base: readonly ProgramStack[];
  readonly head: readonly ProgramStack[];
}

/** Folder for everything of previews, beside `fleet.ts`. */
export function previewFolder(root: string): string {
  return join(root, ".drydock", "preview");
}

/**
 * Folder in which a base revision stands applied on the stand-in. It is found again as long as nothing that decides
 * the outcome differs: the revision, the packages, the stand-in and its facts.
 */
export function rehearsedFolder(root: string, { commit }: Revision): string {
  const hash = createHash("sha256")
    .update(commit)
    .update(readFileSync(join(root, "package-lock.json")));
  for (const part of ["facts", "rehearsal"]) {
    const files = readdirSync(join(root, part), { recursive: true, encoding: "utf8" }).sort();
    for (const file of files) if (/\.(ts|json)$/.test(file)) hash.update(file).update(readFileSync(join(root, part, file)));
  }
  return join(previewFolder(root), "bases", `${commit.slice(0, 12)}-${hash.digest("hex").slice(0, 8)}`);
}

/** Folder with programs whose state lies where the fleet says. */
export function realFolder(root: string): string {
  return join(previewFolder(root), "real");
}

/** Files of a revision that are read beside its programs. */
const KEPT = [LOCK_FILE, ALLOWED_FILE] as const;

/** What {@link synthesizePairs} writes. */
export interface Synthesis {
  readonly root: string;
  readonly base: Revision;
  /** Whether programs over the declared backend are wanted too. */
  readonly real: boolean;
}

/**
 * Synthesizes base and head, both at once, in processes without credentials.
 * @throws {CommandError} when one of them does not synthesize; the message says which
 */
export async function synthesizePairs({ root, base, real }: Synthesis): Promise<void> {
  const rehearsed = rehearsedFolder(root, base);
  const localState = join(rehearsed, "state");
  const cached = existsSync(join(rehearsed, "base", "manifest.json"));
  // The head's folder of the run before would otherwise keep stacks that are gone.
  for (const folder of [join(rehearsed, "head"), ...(real ? [realFolder(root)] : [])]) rmSync(folder, { recursive: true, force: true });
  const head = async (): Promise<void> => {
    await synthesize({ root, outdir: join(rehearsed, "head"), overrides: { localState } });
    for (const file of KEPT) keepFile(root, file, join(rehearsed, "head"));
    if (!real) return;
    await synthesize({ root, outdir: join(realFolder(root), "head") });
    for (const file of KEPT) keepFile(root, file, join(realFolder(root), "head"));
  };
  const baseOf = async (worktree: string): Promise<void> => {
    try {
      if (!cached) await synthesizeBase(root, worktree, rehearsed, { localState: join(worktree, relative(root, rehearsed), "state") });
      if (real) await synthesizeBase(root, worktree, realFolder(root));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new CommandError(
        `The base ${base.name} (${base.commit.slice(0, 7)}) does not synthesize, so there is nothing to compare with. Name another one with --base.\n${error.message}`,
        2,
      );
    }
  };
  const both = await Promise.allSettled([head(), cached && !real ? undefined : withWorktree(root, base, baseOf)]);
  for (const result of both) if (result.status === "rejected") throw result.reason;
  for (const side of ["base", "head"]) takeImportsAsMade(join(rehearsed, side));
}

/**
 * Synthesizes a worktree at the same place within it that the programs will have within the checkout, so that relative
 * paths (of local states, of chart packages) come out the same on both sides of a comparison.
 */
async function synthesizeBase(root: string, worktree: string, folder: string, overrides?: Overrides): Promise<void> {
  const outdir = join(worktree, relative(root, folder), "base");
  await synthesize({ root: worktree, outdir, overrides });
  keepFile(worktree, LOCK_FILE, outdir);
  // Renamed at the end: only a whole base may be found again.
  const unfinished = join(folder, "base.unfinished");
  rmSync(unfinished, { recursive: true, force: true });
  cpSync(outdir, unfinished, { recursive: true });
  renameSync(unfinished, join(folder, "base"));
}

/** Copies both pairs, as synthesized, for a job that has credentials and does not run this revision's code. */
export function exportPrograms(root: string, base: Revision, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [kind, from] of [
    ["real", realFolder(root)],
    ["rehearsed", rehearsedFolder(root, base)],
  ] as const)
    for (const side of ["base", "head"])
      cpSync(join(from, side), join(folder, kind, side), { recursive: true, filter: (file) => !/\/\.terraform(\/|$)/.test(file) });
}

/** Takes over what {@link exportPrograms} wrote, checked; see {@link takePrograms}. */
export function importPrograms(root: string, base: Revision, folder: string): void {
  for (const side of ["base", "head"]) {
    takePrograms(root, join(folder, "real", side), join(realFolder(root), side));
    takePrograms(root, join(folder, "rehearsed", side), join(rehearsedFolder(root, base), side));
  }
}

/** Both programs with state of the stand-in's own. */
export function rehearsedPair(folder: string): ProgramPair {
  return { base: readProgram(join(folder, "base")), head: readProgram(join(folder, "head")) };
}

/** Both programs over the state that the fleet declares. */
export function realPair(root: string): ProgramPair {
  return rehearsedPair(realFolder(root));
}

/**
 * What a program imports exists in the account, and nowhere in the stand-in. There it is made instead, and the program
 * notes what it really is; see {@link importsOf}.
 */
function takeImportsAsMade(outdir: string): void {
  for (const { directory, json } of readProgram(outdir)) {
    const { import: imports, ...rest } = json;
    if (imports === undefined) continue;
    const made: ProgramJson = { ...rest, "//": { ...rest["//"], imports } };
    writeFileSync(join(directory, "cdk.tf.json"), JSON.stringify(made, null, 2));
  }
}

/** Ids of the objects that a stack adopts, by address; in the stand-in they are made. */
export function importsOf({ json }: ProgramStack): ReadonlyMap<string, string> {
  const imports = json.import ?? json["//"]?.imports ?? [];
  return new Map(imports.map(({ to, id }) => [to.replace(/^\$\{(.*)\}$/, "$1"), id]));
}
