import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { CommandError } from "../config/command-error";

/** A commit, and how it was asked for. */
export interface Revision {
  readonly name: string;
  /** Full hash. */
  readonly commit: string;
}

/** What a change is compared with when nothing is said: where the branch left the main line. */
const MAIN_LINES = ["origin/HEAD", "origin/main", "main"] as const;

/**
 * The revision that a preview compares with.
 * @param asked a branch, tag or commit; by default the point where HEAD left the main line
 * @throws {CommandError} with exit code 2 when it is unknown, also because the clone is shallow
 */
export async function baseRevision(root: string, asked: string | undefined): Promise<Revision> {
  if (asked !== undefined) {
    const commit = await commitOf(root, asked);
    if (commit !== undefined) return { name: asked, commit };
    throw new CommandError(await unknownRevision(root, asked), 2);
  }
  for (const name of MAIN_LINES) {
    if ((await commitOf(root, name)) === undefined) continue;
    const forked = await git(root, ["merge-base", "HEAD", name]);
    if (forked !== undefined) return { name, commit: forked };
    throw new CommandError(await unknownRevision(root, name), 2);
  }
  const head = await commitOf(root, "HEAD");
  if (head !== undefined) return { name: "HEAD", commit: head };
  throw new CommandError(`${root} has no commit to compare with. Commit the fleet once, then preview what you change.`, 2);
}

/** The commit that is checked out, and whether files differ from it. */
export async function headRevision(root: string): Promise<Revision & { readonly dirty: boolean }> {
  const commit = (await commitOf(root, "HEAD")) ?? "";
  return { name: "HEAD", commit, dirty: ((await git(root, ["status", "--porcelain"])) ?? "") !== "" };
}

/**
 * Checks a revision out beside the checkout, does something with it, and takes it away again. `node_modules` is shared
 * while both have the same lockfile; else the revision's own packages are installed.
 *
 * @throws {CommandError} when it cannot be checked out or its packages cannot be installed
 */
export async function withWorktree<Result>(root: string, revision: Revision, work: (worktree: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "drydock-base-"));
  const worktree = join(folder, "checkout");
  const added = await execa("git", ["worktree", "add", "--detach", worktree, revision.commit], {
    cwd: root,
    reject: false,
    stdin: "ignore",
  });
  if (added.exitCode !== 0) throw new CommandError(`${revision.name} cannot be checked out: ${lastLine(added.stderr)}`, 1);
  try {
    // The fleet may lie in a folder of a larger repository.
    const inside = join(worktree, (await git(root, ["rev-parse", "--show-prefix"])) ?? "");
    await providePackages(root, inside, revision);
    return await work(inside);
  } finally {
    await execa("git", ["worktree", "remove", "--force", worktree], { cwd: root, reject: false, stdin: "ignore" });
    rmSync(folder, { recursive: true, force: true });
  }
}

async function providePackages(root: string, worktree: string, { name }: Revision): Promise<void> {
  const lock = (folder: string): string | undefined => {
    const file = join(folder, "package-lock.json");
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  };
  if (lock(root) === lock(worktree)) {
    symlinkSync(join(root, "node_modules"), join(worktree, "node_modules"));
    return;
  }
  const installed = await execa("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: worktree,
    reject: false,
    stdin: "ignore",
  });
  if (installed.exitCode !== 0) throw new CommandError(`The packages of ${name} cannot be installed: ${lastLine(installed.stderr)}`, 1);
}

async function unknownRevision(root: string, name: string): Promise<string> {
  const shallow = (await git(root, ["rev-parse", "--is-shallow-repository"])) === "true";
  if (shallow)
    return `This is a shallow clone, and ${name} is not in it. Run git fetch --unshallow first, or set fetch-depth: 0 where the workflow checks out.`;
  const repository = await git(root, ["rev-parse", "--git-dir"]);
  return repository === undefined
    ? `${root} is not in a git repository, so there is nothing to compare with.`
    : `There is no revision ${name} here. Run git fetch, or name one that git log shows with --base.`;
}

function commitOf(root: string, name: string): Promise<string | undefined> {
  return git(root, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`]);
}

async function git(root: string, args: readonly string[]): Promise<string | undefined> {
  const result = await execa("git", args, { cwd: root, reject: false, stdin: "ignore" });
  return result.exitCode === 0 ? result.stdout.trim() : undefined;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

/** Copies a file of a revision beside what was synthesized from it. */
export function keepFile(from: string, name: string, folder: string): void {
  if (!existsSync(join(from, name))) return;
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  cpSync(join(from, name), join(folder, name));
}
