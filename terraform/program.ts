import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A resource of a synthesized stack. */
export interface ProgramResource {
  /** Terraform's address, such as `aws_vpc.vpc_0A1B2C3D`. */
  readonly address: string;
  readonly type: string;
  /** Path of the construct that made it, such as `production-network/vpc/vpc`. */
  readonly constructPath: string;
  /** Arguments as Terraform reads them; references are `${...}` strings. */
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A synthesized stack. */
export interface ProgramStack {
  readonly name: string;
  /** Names of the stacks that must be applied before. */
  readonly dependencies: readonly string[];
  /** Folder that Terraform runs in. */
  readonly directory: string;
  readonly resources: readonly ProgramResource[];
  /** The whole Terraform JSON. */
  readonly json: ProgramJson;
}

/** The parts of Terraform's JSON configuration that Drydock reads. */
export interface ProgramJson {
  /** Notes; Terraform skips them. */
  readonly "//"?: { readonly imports?: readonly ProgramImport[] };
  readonly import?: readonly ProgramImport[];
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly data?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly provider?: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  readonly terraform?: {
    readonly backend?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly cloud?: unknown;
    readonly required_providers?: Readonly<Record<string, { readonly source: string; readonly version: string }>>;
  };
}

/** An object that exists and that a program takes over. */
export interface ProgramImport {
  /** Address of the resource that it becomes. */
  readonly to: string;
  readonly id: string;
}

interface Manifest {
  readonly stacks: Readonly<
    Record<
      string,
      {
        readonly name: string;
        readonly dependencies: readonly string[];
        readonly synthesizedStackPath: string;
        readonly workingDirectory: string;
      }
    >
  >;
}

/**
 * Reads what a synthesis wrote.
 * @param outdir such as `cdktf.out`
 * @returns the stacks in an order in which each comes after what it depends on
 */
export function readProgram(outdir: string): readonly ProgramStack[] {
  const manifest = JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8")) as Manifest;
  const stacks = Object.values(manifest.stacks).map((stack): ProgramStack => {
    const json = JSON.parse(readFileSync(join(outdir, stack.synthesizedStackPath), "utf8")) as ProgramJson;
    return {
      name: stack.name,
      dependencies: stack.dependencies,
      directory: join(outdir, stack.workingDirectory),
      resources: resourcesOf(json),
      json,
    };
  });
  return inOrder(stacks);
}

/** Resources of a stack's JSON, without what cdktf notes about them. */
export function resourcesOf({ resource = {} }: ProgramJson): readonly ProgramResource[] {
  return Object.entries(resource).flatMap(([type, byName]) =>
    Object.entries(byName).map(([name, { "//": note, ...args }]) => ({
      address: `${type}.${name}`,
      type,
      constructPath: (note as { metadata?: { path?: string } } | undefined)?.metadata?.path ?? name,
      arguments: args,
    })),
  );
}

/** Sources of the providers that a program requires, such as `aws`. */
export function requiredSources({ terraform }: ProgramJson): readonly string[] {
  return Object.values(terraform?.required_providers ?? {}).map(({ source }) => source);
}

/** Addresses that Terraform refuses to destroy. */
export function protectedAddresses({ resources }: Pick<ProgramStack, "resources">): ReadonlySet<string> {
  const refusing = resources.filter(
    ({ arguments: args }) => (args["lifecycle"] as { readonly prevent_destroy?: boolean } | undefined)?.prevent_destroy === true,
  );
  return new Set(refusing.map(({ address }) => address));
}

/** Stacks and everything that they depend on, in the order given, in which each comes after what it depends on. */
export function upstreamClosure(all: readonly ProgramStack[], names: ReadonlySet<string>): readonly ProgramStack[] {
  const wanted = new Set(names);
  for (const { name, dependencies } of [...all].reverse()) if (wanted.has(name)) dependencies.forEach((other) => wanted.add(other));
  return all.filter(({ name }) => wanted.has(name));
}

/**
 * Sorts by dependency; among equals the given order stays.
 * @throws {Error} when the dependencies run in a circle
 */
export function inOrder<Stack extends Pick<ProgramStack, "name" | "dependencies">>(stacks: readonly Stack[]): readonly Stack[] {
  const ordered: Stack[] = [];
  const waiting = new Set(stacks);
  while (waiting.size > 0) {
    const names = new Set([...waiting].map(({ name }) => name));
    const free = [...waiting].filter(({ dependencies }) => dependencies.every((name) => !names.has(name)));
    if (free.length === 0) throw new Error(`These stacks depend on each other in a circle: ${[...names].join(", ")}.`);
    for (const stack of free) {
      ordered.push(stack);
      waiting.delete(stack);
    }
  }
  return ordered;
}
