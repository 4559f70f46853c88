import { createHash } from "node:crypto";
import { copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readArchive } from "../../charts/archive";
import { readLock } from "../../charts/lock";
import { chartsOf as lockedCharts, crdsPackageName, LOCK_FILE as CHART_LOCK, PACKAGE_FOLDER, packageName } from "../../config/chart-lock";
import { CommandError } from "../../config/command-error";
import { inOrder, readProgram, type ProgramJson } from "../../terraform/program";
import { fullSource, lockedSources, PROVIDER_LOCK, writeProviderLock } from "../../terraform/provider-lock";
import { ALLOWED_FILE } from "../guard";
import { canonicalProgram, packageOf, refusalsOf, type AllowList } from "./allow-list";
import { Facts } from "../../rehearsal/facts";
import { readableOutputs } from "./base-outputs";
import { placeOf, stackRead } from "./base-places";
import { refuseSize } from "./canonical";
import { commonExceptions, isExcepted, readExceptions } from "./exceptions";
import { assumedRoles } from "./provider-blocks";
import { ResourceTypes } from "./resource-blocks";
import type { Refusal } from "./refusal";
import { ProgramsRefused } from "./refused";

const stackName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,80}$/);
const manifestSchema = z.object({ stacks: z.record(stackName, z.object({ dependencies: z.array(stackName) })) });

/** Most bytes of programs that are read, one by one and together; the largest of the example has 300 kB. */
const LARGEST = 32 * 1024 * 1024;

/** Most stacks of one synthesis. */
const MOST_STACKS = 2000;

/** Where programs come from and go to. */
export interface TakeOptions {
  /** Checkout that has credentials: the base branch's own. */
  readonly root: string;
  /** Folder with the base's programs and files, made from the base's own commit. */
  readonly base: string;
  /** Folder with the programs of the pull request. */
  readonly from: string;
  /** Folder to write to. */
  readonly to: string;
}

/**
 * Takes over programs that code of a pull request synthesized. What is written is what was checked, in one form; see
 * {@link refusalsOf}. Everything that they are checked against comes from the base.
 *
 * @throws {ProgramsRefused} with exit code 2 and every refusal, and nothing is written
 * @throws {CommandError} with exit code 2 when it is no synthesis at all
 */
export async function takePrograms({ root, base, from, to }: TakeOptions): Promise<void> {
  const stacks = readManifest(from);
  const list = allowListOf(root, base, stacks.keys());
  const programs = new Map<string, ProgramJson>();
  const refusals: Refusal[] = [];
  let bytes = 0;
  for (const name of stacks.keys()) {
    const file = join(from, "stacks", name, "cdk.tf.json");
    const program = readJson(file);
    bytes += lstatSync(file).size;
    if (bytes > LARGEST) throw new CommandError(`${from} holds programs of more than ${LARGEST} bytes.`, 2);
    refuseSize(program, file);
    for (const refusal of await refusalsOf(name, program, list)) refusals.push(refusal);
    programs.set(name, canonicalProgram(program));
  }
  const locked = lockedPackages(from);
  refusals.push(...dependencyRefusals(stacks, programs), ...(await packageRefusals({ root, base, from, to }, programs, locked)));
  if (refusals.length > 0) throw new ProgramsRefused(refusals);

  rmSync(to, { recursive: true, force: true });
  for (const [name, program] of programs) {
    const folder = join(to, "stacks", name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify(program, null, 2));
    writeLocks({ root, base, from, to }, name, program, list);
  }
  takePackages({ root, base, from, to }, [...programs.values()].flatMap(packagesOf), locked);
  writeManifest(to, stacks, programs);
  for (const file of [CHART_LOCK, ALLOWED_FILE]) if (isFile(join(from, file))) copyFileSync(join(from, file), join(to, file));
}

/** What the programs of a pull request are held to, read off the base. */
export function allowListOf(root: string, base: string, head: Iterable<string> = []): AllowList {
  const stacks = readProgram(base);
  const exceptions = commonExceptions(readExceptions(base), readExceptions(root));
  const locked = lockedSources(join(base, PROVIDER_LOCK));
  const excepted = (kind: string) =>
    exceptions.flatMap(({ allow }) => (allow.startsWith(`${kind} `) ? [allow.slice(kind.length + 1)] : []));
  return {
    places: stacks.flatMap(({ name, json }) => placeOf(json.terraform, name) ?? []),
    providers: locked,
    assumableRoles: new Set([...stacks.flatMap(({ json }) => assumedRoles(json.provider)), ...excepted("assume-role")]),
    types: new ResourceTypes(root),
    stacks: new Set([...stacks.map(({ name }) => name), ...head]),
    mayRead: readableOutputs(stacks, new Facts(root)),
    exceptions,
  };
}

function readManifest(from: string): ReadonlyMap<string, readonly string[]> {
  const manifest = manifestSchema.safeParse(readJson(join(from, "manifest.json")));
  if (!manifest.success) throw new CommandError(`${from} holds no synthesized programs: ${z.prettifyError(manifest.error)}`, 2);
  const stacks = Object.entries(manifest.data.stacks);
  if (stacks.length > MOST_STACKS) throw new CommandError(`${from} holds ${stacks.length} stacks; at most ${MOST_STACKS} are read.`, 2);
  return new Map(stacks.map(([name, { dependencies }]) => [name, dependencies]));
}

/** A manifest that hides what a stack reads would keep its changes from being shown there. */
function dependencyRefusals(stacks: ReadonlyMap<string, readonly string[]>, programs: ReadonlyMap<string, ProgramJson>): Refusal[] {
  const missing = [...stacks].flatMap(([stack, dependencies]) =>
    readStacks(programs.get(stack))
      .filter((read) => stacks.has(read) && !dependencies.includes(read))
      .map((read): Refusal => ({ stack, path: "manifest.json", reason: `leaves out that the stack reads ${read}`, exception: undefined })),
  );
  try {
    inOrder([...stacks].map(([name, dependencies]) => ({ name, dependencies })));
    return missing;
  } catch {
    return [
      ...missing,
      { stack: [...stacks.keys()][0] ?? "", path: "manifest.json", reason: "has stacks that wait for each other", exception: undefined },
    ];
  }
}

function readStacks(program: ProgramJson | undefined): readonly string[] {
  return Object.keys(program?.data?.["terraform_remote_state"] ?? {}).flatMap((name) => stackRead(name) ?? []);
}

/**
 * Packages are templates to Helm, and bytes to its provider. Those of the lock are taken from where they were pulled and
 * checked; our own charts come as the pull request packed them, no larger than a chart is.
 */
async function packageRefusals(
  { root, from }: TakeOptions,
  programs: ReadonlyMap<string, ProgramJson>,
  locked: LockedPackages,
): Promise<Refusal[]> {
  const refusals: Refusal[] = [];
  const seen = new Set<string>();
  for (const [stack, program] of programs)
    for (const file of packagesOf(program)) {
      if (seen.has(file)) continue;
      seen.add(file);
      const refuse = (reason: string): void => {
        refusals.push({ stack, path: `charts/${file}`, reason, exception: undefined });
      };
      const pulled = join(root, PACKAGE_FOLDER, file);
      if (file.endsWith("-unrecorded.tgz")) {
        refuse("has no recorded digest; run npx drydock charts pull, review charts.lock.json and commit it");
      } else if (locked.has(file)) {
        const digest = locked.get(file);
        if (isFile(pulled) && digest !== undefined && sha256(readFileSync(pulled)) !== digest)
          refuse("is not what charts.lock.json says; pull it again");
      } else if (isFile(join(from, "charts", file))) {
        const problem = await packageProblem(join(from, "charts", file));
        if (problem !== undefined) refuse(problem);
      }
    }
  return refusals;
}

/** Digests of a lock's packages by file name; undefined for those that are derived. */
type LockedPackages = ReadonlyMap<string, string | undefined>;

function lockedPackages(from: string): LockedPackages {
  const file = join(from, CHART_LOCK);
  if (!isFile(file)) return new Map();
  return new Map(
    lockedCharts(readLock(file)).flatMap((chart) => [
      [packageName(chart), chart.sha256 ?? undefined] as const,
      [crdsPackageName(chart), undefined] as const,
    ]),
  );
}

async function packageProblem(file: string): Promise<string | undefined> {
  try {
    if (lstatSync(file).size > LARGEST) return "is larger than any chart's package";
    await readArchive(readFileSync(file));
    return undefined;
  } catch (error) {
    return `is no chart's package: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function takePackages({ root, from, to }: TakeOptions, files: readonly string[], locked: LockedPackages): void {
  const place = join(to, "charts");
  mkdirSync(place, { recursive: true });
  for (const file of new Set(files)) {
    // A package of the lock comes from where it was checked, never from the pull request.
    const source = [join(root, PACKAGE_FOLDER, file), ...(locked.has(file) ? [] : [join(from, "charts", file)])].find(isFile);
    if (source !== undefined) copyFileSync(source, join(place, file));
  }
}

function packagesOf({ resource = {} }: ProgramJson): readonly string[] {
  return Object.values(resource["helm_release"] ?? {}).flatMap(({ chart }) => packageOf(chart) ?? []);
}

/** Each stack gets the lock of exactly the providers it requires, so that `init -lockfile=readonly` finds nothing to change. */
function writeLocks(
  { base, from, to }: TakeOptions,
  stack: string,
  { terraform }: ProgramJson,
  { exceptions, providers }: AllowList,
): void {
  const folder = join(to, "stacks", stack);
  const required = Object.values(terraform?.required_providers ?? {});
  const newer = required.filter(({ source, version }) => {
    const full = fullSource(source) ?? "";
    return providers[full] !== version && isExcepted({ stack, exception: `provider ${full} ${version}` }, exceptions);
  });
  writeProviderLock(
    join(base, PROVIDER_LOCK),
    folder,
    required.filter((each) => !newer.includes(each)).map(({ source }) => source),
  );
  if (newer.length > 0 && isFile(join(from, PROVIDER_LOCK)))
    writeProviderLock(
      join(from, PROVIDER_LOCK),
      folder,
      newer.map(({ source }) => source),
      true,
    );
}

/** Paths are our own, whatever the manifest says. */
function writeManifest(to: string, stacks: ReadonlyMap<string, readonly string[]>, programs: ReadonlyMap<string, ProgramJson>): void {
  const written = [...stacks].map(([name, declared]) => {
    const dependencies = [...new Set([...declared, ...readStacks(programs.get(name))])].filter((each) => stacks.has(each));
    return [name, { name, dependencies, synthesizedStackPath: `stacks/${name}/cdk.tf.json`, workingDirectory: `stacks/${name}` }] as const;
  });
  writeFileSync(join(to, "manifest.json"), JSON.stringify({ stacks: Object.fromEntries(written) }));
}

function readJson(file: string): unknown {
  const info = lstatSync(file, { throwIfNoEntry: false });
  if (!info?.isFile()) throw new CommandError(`${file} is missing, or no file.`, 2);
  if (info.size > LARGEST) throw new CommandError(`${file} has ${info.size} bytes; at most ${LARGEST} are read.`, 2);
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new CommandError(`${file} is not JSON.`, 2);
  }
}

function isFile(path: string): boolean {
  return existsSync(path) && lstatSync(path).isFile();
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
