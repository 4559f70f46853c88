import { copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { LOCK_FILE as CHART_LOCK, PACKAGE_FOLDER } from "../config/chart-lock";
import { CommandError } from "../config/command-error";
import type { ProgramJson } from "../terraform/program";
import { copyProviderLock, lockedVersions, providerLock } from "../terraform/provider-lock";
import { ALLOWED_FILE } from "./guard";

const manifestSchema = z.object({
  stacks: z.record(
    z.string().regex(/^[a-z0-9][a-z0-9-]{0,80}$/),
    z.object({ dependencies: z.array(z.string().regex(/^[a-z0-9][a-z0-9-]{0,80}$/)) }),
  ),
});

/** Functions with which a program could read files of the machine that plans it, its environment among them. */
const READS_FILES = /\b(abspath|file|filebase64\w*|fileexists|filemd5|filesha\d+|fileset|pathexpand|templatefile|templatestring)\s*\(/;

/** Providers whose processes a plan may start, by the prefix of their types. */
const BUILT_IN = "terraform";

/**
 * Takes over programs that code of a pull request synthesized, into a checkout of the base that has credentials. A
 * program is data to Drydock, and code to Terraform: what could start a process, load another provider or read a file
 * of this machine is refused.
 *
 * @param from folder with the programs
 * @param to folder to write to
 * @throws {CommandError} with exit code 2 and the stack
 */
export function takePrograms(root: string, from: string, to: string): void {
  const manifest = manifestSchema.safeParse(readJson(join(from, "manifest.json")));
  if (!manifest.success) throw new CommandError(`${from} holds no synthesized programs: ${z.prettifyError(manifest.error)}`, 2);
  const names = Object.keys(manifest.data.stacks);
  const allowed = new Set(Object.keys(lockedVersions(providerLock(root))).map((name) => name.split("/").at(-1) ?? name));
  rmSync(to, { recursive: true, force: true });
  for (const name of names) {
    const program = readJson(join(from, "stacks", name, "cdk.tf.json")) as ProgramJson;
    const reason = refusalOf(program, allowed);
    if (reason !== undefined) throw new CommandError(`${name} is not planned with credentials: ${reason}.`, 2);
    mkdirSync(join(to, "stacks", name), { recursive: true });
    writeFileSync(join(to, "stacks", name, "cdk.tf.json"), JSON.stringify(program, null, 2));
    takePackages(root, program, from, to);
  }
  // Paths are our own, whatever the manifest says.
  const stacks = Object.fromEntries(
    Object.entries(manifest.data.stacks).map(([name, { dependencies }]) => [
      name,
      { name, dependencies, synthesizedStackPath: `stacks/${name}/cdk.tf.json`, workingDirectory: `stacks/${name}` },
    ]),
  );
  writeFileSync(join(to, "manifest.json"), JSON.stringify({ stacks }));
  copyProviderLock(root, to, names);
  for (const file of [CHART_LOCK, ALLOWED_FILE]) if (existsSync(join(from, file))) copyFileSync(join(from, file), join(to, file));
}

/** How a program names a package: a file beside the stacks, whose name its content decides. */
const PACKAGE_PATH = /^(\.\.\/)+[\w./-]*?[\w-]+-v?\d+\.\d+\.\d+[\w.+-]*\.tgz$/;

/**
 * Puts the packages that a program names beside it: those that were pulled here, against the digests of a lock, and our
 * own charts as they came. A chart is templates to Helm and runs nothing of this machine.
 */
function takePackages(root: string, program: ProgramJson, from: string, to: string): void {
  const place = join(to, "charts");
  mkdirSync(place, { recursive: true });
  for (const file of chartsOf(program).map((chart) => basename(String(chart)))) {
    const source = [join(root, PACKAGE_FOLDER, file), join(from, "charts", file)].find(
      (candidate) => existsSync(candidate) && lstatSync(candidate).isFile(),
    );
    if (source !== undefined) copyFileSync(source, join(place, file));
  }
}

function chartsOf({ resource = {} }: ProgramJson): readonly unknown[] {
  return Object.values(resource["helm_release"] ?? {}).map(({ chart }) => chart);
}

/** Why a program may not be planned where there are credentials. */
export function refusalOf(program: ProgramJson, allowed: ReadonlySet<string>): string | undefined {
  const { module, resource = {}, data = {}, provider = {}, terraform } = program as ProgramJson & { readonly module?: unknown };
  if (module !== undefined) return "it loads a module";
  const sources = Object.values(terraform?.required_providers ?? {}).map(({ source }) => source.split("/").at(-1) ?? source);
  const types = [...Object.keys(resource), ...Object.keys(data)].map((type) => type.split("_")[0] ?? type);
  const foreign = [...sources, ...types, ...Object.keys(provider)].find((name) => name !== BUILT_IN && !allowed.has(name));
  if (foreign !== undefined) return `it uses the provider ${foreign}, which providers.lock.hcl does not name`;
  const arguments_ = Object.values(resource).flatMap((byName) => Object.values(byName));
  if (arguments_.some((args) => "provisioner" in args)) return "it has a provisioner, which runs commands";
  if (arguments_.some((args) => "postrender" in args)) return "a release has a post-renderer, which runs a command";
  if (arguments_.some((args) => "repository" in args) || chartsOf(program).some((chart) => !PACKAGE_PATH.test(String(chart))))
    return "a release takes its chart from somewhere else than the packages beside the program";
  const command = commandsIn(provider).find((candidate) => candidate !== "aws");
  if (command !== undefined) return `a provider would run ${command}`;
  const reading = READS_FILES.exec(
    JSON.stringify(program, (_, value: unknown) => (typeof value === "string" && !value.includes("${") ? "" : value)),
  );
  return reading ? `it calls ${reading[1] ?? ""}(), which reads files of this machine` : undefined;
}

/** Commands of `exec` blocks, with which a provider fetches its credentials. */
function commandsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(commandsIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === "command" ? [String(inner)] : commandsIn(inner)));
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new CommandError(`${file} is missing, or not JSON.`, 2);
  }
}
