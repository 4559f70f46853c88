import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { LOCK_FILE } from "../config/chart-lock";
import type { Overrides } from "../config/overrides";
import { CommandError } from "../config/command-error";
import { readProgram, type ProgramJson, type ProgramStack } from "../terraform/program";
import { PROVIDER_LOCK } from "../terraform/provider-lock";
import { synthesize } from "../terraform/synthesize";
import { ALLOWED_FILE } from "./guard";
import { keepFile, withWorktree, type Revision } from "./revisions";
import { EXCEPTIONS_FILE } from "./untrusted/exceptions";
import { takePrograms } from "./untrusted/take-programs";

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
const KEPT = [LOCK_FILE, ALLOWED_FILE, EXCEPTIONS_FILE, PROVIDER_LOCK] as const;

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
  // The head's folder of the run before would otherwise keep stacks that are gone.
  for (const folder of [join(rehearsed, "head"), ...(real ? [realFolder(root)] : [])]) rmSync(folder, { recursive: true, force: true });
  const head = async (): Promise<void> => {
    await synthesizeInto(root, rehearsed, "head", { localState: join(rehearsed, "state") });
    if (real) await synthesizeInto(root, realFolder(root), "head");
  };
  const both = await Promise.allSettled([head(), synthesizeBase({ root, base, real })]);
  for (const result of both) if (result.status === "rejected") throw result.reason;
  for (const side of ["base", "head"]) takeImportsAsMade(join(rehearsed, side));
}

/**
 * Synthesizes the base from its own commit; what stands there already is kept.
 * @throws {CommandError} when it does not synthesize
 */
export async function synthesizeBase({ root, base, real }: Synthesis): Promise<void> {
  const rehearsed = rehearsedFolder(root, base);
  const cached = existsSync(join(rehearsed, "base", "manifest.json"));
  if (cached && !real) return;
  await withWorktree(root, base, async (worktree) => {
    try {
      // At the same place within it that the programs will have within the checkout, so that relative paths (of local
      // states, of chart packages) come out the same on both sides of a comparison.
      if (!cached) {
        const folder = join(worktree, relative(root, rehearsed));
        await synthesizeInto(worktree, folder, "base", { localState: join(folder, "state") });
        takeWhole(join(folder, "base"), join(rehearsed, "base"));
      }
      if (real) {
        await synthesizeInto(worktree, realFolder(worktree), "base");
        takeWhole(join(realFolder(worktree), "base"), join(realFolder(root), "base"));
      }
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new CommandError(
        `The base ${base.name} (${base.commit.slice(0, 7)}) does not synthesize, so there is nothing to compare with. Name another one with --base.\n${error.message}`,
        2,
      );
    }
  });
}

async function synthesizeInto(checkout: string, folder: string, side: "base" | "head", overrides?: Overrides): Promise<void> {
  await synthesize({ root: checkout, outdir: join(folder, side), overrides });
  for (const file of KEPT) keepFile(checkout, file, join(folder, side));
}

/** Copies a synthesis and renames it at the end: only a whole one may be found again. */
function takeWhole(from: string, to: string): void {
  const unfinished = `${to}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  cpSync(from, unfinished, { recursive: true });
  rmSync(to, { recursive: true, force: true });
  renameSync(unfinished, to);
}

/** Ways in which programs are synthesized: over the declared backend, and over state of the stand-in's own. */
const WAYS = ["real", "rehearsed"] as const;

/**
 * Synthesizes one revision for a job that has credentials and runs none of this code.
 * @param revision undefined for the checkout as it is
 * @param folder where to write to; what was there is replaced
 */
export async function exportPrograms(root: string, revision: Revision | undefined, folder: string): Promise<void> {
  const write = async (checkout: string): Promise<void> => {
    const place = { real: realFolder(checkout), rehearsed: join(previewFolder(checkout), "bases", "exported") };
    for (const way of WAYS) rmSync(join(place[way], "head"), { recursive: true, force: true });
    await synthesizeInto(checkout, place.real, "head");
    await synthesizeInto(checkout, place.rehearsed, "head", { localState: join(place.rehearsed, "state") });
    takeImportsAsMade(join(place.rehearsed, "head"));
    rmSync(folder, { recursive: true, force: true });
    for (const way of WAYS)
      cpSync(join(place[way], "head"), join(folder, way), { recursive: true, filter: (file) => !/\/\.terraform(\/|$)/.test(file) });
  };
  await (revision === undefined ? write(root) : withWorktree(root, revision, write));
}

/** Folders with what {@link exportPrograms} wrote. */
export interface ExportedPair {
  /**
   * The base's, from a job that ran nothing of the pull request.
   * @default synthesized here, from the base's own commit
   */
  readonly base?: string;
  /** The pull request's, which may hold anything. */
  readonly head: string;
}

/**
 * Takes over programs of other jobs: the base as it is, the head as far as the base allows; see {@link takePrograms}.
 * @throws {ProgramsRefused} with exit code 2
 */
export async function importPrograms(root: string, base: Revision, exported: ExportedPair): Promise<void> {
  const place = { real: realFolder(root), rehearsed: rehearsedFolder(root, base) };
  if (exported.base === undefined) {
    await synthesizeBase({ root, base, real: true });
    takeImportsAsMade(join(place.rehearsed, "base"));
  } else {
    for (const way of WAYS) {
      // The base stands applied on the stand-in from the programs that are there.
      if (way === "rehearsed" && existsSync(join(place.rehearsed, "base", "manifest.json"))) continue;
      mkdirSync(place[way], { recursive: true });
      takeWhole(join(exported.base, way), join(place[way], "base"));
    }
  }
  for (const way of WAYS)
    await takePrograms({ root, base: join(place[way], "base"), from: join(exported.head, way), to: join(place[way], "head") });
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
