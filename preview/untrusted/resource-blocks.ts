import { existsSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "../../config/objects";
import { deriveSchema, type ProviderName } from "../../rehearsal/provider/derive-schema";
import type { Block } from "../../rehearsal/provider/schema";
import type { Body } from "./canonical";
import type { Finding } from "./refusal";

/** Providers whose types the installed packages describe. */
const PROVIDERS: ReadonlySet<string> = new Set<ProviderName>(["aws", "helm", "kubernetes"]);

/** Arguments of Terraform itself that Drydock writes. */
const META: ReadonlySet<string> = new Set(["//", "depends_on", "lifecycle", "provider"]);
const LIFECYCLE: ReadonlySet<string> = new Set(["prevent_destroy", "create_before_destroy", "ignore_changes"]);

/** Arguments of Terraform itself, and of types, that start processes, or load what nobody pinned; no entry can allow them. */
const NEVER: ReadonlyMap<string, string> = new Map([
  ["provisioner", "is a provisioner, which runs commands"],
  ["connection", "is a connection, which only provisioners use"],
  ["helm_release.postrender", "is a post-renderer, which runs a command"],
  ["helm_release.repository", "takes its chart from somewhere else than the packages beside the program"],
]);

/** What Drydock writes of a release, and what only changes how Helm waits. The rest reads files or asks repositories. */
const RELEASE: ReadonlySet<string> = new Set([
  "atomic",
  "chart",
  "cleanup_on_fail",
  "create_namespace",
  "description",
  "max_history",
  "name",
  "namespace",
  "set",
  "skip_crds",
  "timeout",
  "upgrade_install",
  "values",
  "version",
  "wait",
  "wait_for_jobs",
]);

/** Arguments that read a file of the machine that plans. */
const FILE_ARGUMENTS: ReadonlySet<string> = new Set([
  "aws_lambda_function.filename",
  "aws_lambda_layer_version.filename",
  "aws_s3_bucket_object.source",
  "aws_s3_object.source",
]);

/** Tells which types and arguments are on the list. */
export class ResourceTypes {
  private readonly blocks = new Map<string, Block | undefined>();

  /** @param root checkout of the base, whose facts and packages decide */
  constructor(private readonly root: string) {}

  /** What of a resource or a data source is not on the list. */
  findings(kind: "resource" | "data", type: string, body: Body, path: string): readonly Finding[] {
    const unknown = this.hasFacts(kind, type)
      ? []
      : [{ path, reason: `is a ${kind === "data" ? "data source" : "resource"} of a type without facts`, exception: `${kind} ${type}` }];
    const { lifecycle } = body;
    return [
      ...unknown,
      ...Object.keys(body).flatMap((name) => this.argument(kind, type, name, path)),
      ...lifecycleFindings(lifecycle, path),
      ...this.nested(this.block(kind, type), body, type, path),
    ];
  }

  private argument(kind: "resource" | "data", type: string, name: string, path: string): readonly Finding[] {
    const at = `${path}.${name}`;
    const never = NEVER.get(name) ?? NEVER.get(`${type}.${name}`);
    if (never !== undefined) return [{ path: at, reason: never, exception: undefined }];
    if (META.has(name)) return [];
    const full = `${type}.${name}`;
    const known = this.block(kind, type);
    const declared = known === undefined || hasMember(known, name);
    const listed = type === "helm_release" ? RELEASE.has(name) : !FILE_ARGUMENTS.has(full);
    if (declared && listed) return [];
    return [{ path: at, reason: `is an argument that is not on the list`, exception: `argument ${full}` }];
  }

  /** Arguments of blocks within, which the type's own schema names. */
  private nested(block: Block | undefined, body: Body, type: string, path: string): readonly Finding[] {
    return (block?.blocks ?? []).flatMap(({ name, block: inner }) => {
      const { bodies, findings } = blockBodies(Object.hasOwn(body, name) ? body[name] : undefined, `${path}.${name}`);
      const within = bodies.flatMap((each): readonly Finding[] => [
        ...Object.keys(each)
          .filter((key) => key !== "//" && !hasMember(inner, key))
          .map((key) => ({
            path: `${path}.${name}.${key}`,
            reason: "is an argument that is not on the list",
            exception: `argument ${type}.${name}.${key}`,
          })),
        ...this.nested(inner, each, `${type}.${name}`, `${path}.${name}`),
      ]);
      return [...findings, ...within];
    });
  }

  private hasFacts(kind: "resource" | "data", type: string): boolean {
    if (!/^[a-z0-9_]+$/.test(type)) return false;
    const file = kind === "data" ? `data.${type}.json` : `${type}.json`;
    return existsSync(join(this.root, "facts", "providers", type.split("_")[0] ?? "", file));
  }

  /** The type's schema; undefined where the installed packages do not know the type. */
  private block(kind: "resource" | "data", type: string): Block | undefined {
    const key = `${kind} ${type}`;
    if (!this.blocks.has(key)) this.blocks.set(key, this.derived(kind, type));
    return this.blocks.get(key);
  }

  private derived(kind: "resource" | "data", type: string): Block | undefined {
    const [provider = ""] = type.split("_");
    if (!PROVIDERS.has(provider) || !/^[a-z0-9_]+$/.test(type)) return undefined;
    try {
      return deriveSchema(this.root, provider as ProviderName, kind, type).block;
    } catch {
      // The package lacks the type, so Terraform will say so; every argument that is always refused was looked for.
      return undefined;
    }
  }
}

function lifecycleFindings(lifecycle: unknown, path: string): readonly Finding[] {
  const { bodies, findings } = blockBodies(lifecycle, `${path}.lifecycle`);
  const unlisted = bodies.flatMap((body) => Object.keys(body)).filter((key) => key !== "//" && !LIFECYCLE.has(key));
  return [
    ...findings,
    ...unlisted.map((key) => ({
      path: `${path}.lifecycle.${key}`,
      reason: "is an argument that Drydock never writes",
      exception: `argument lifecycle.${key}`,
    })),
  ];
}

/** Bodies of a block within a resource. Terraform also takes a list in a list for one; Drydock never writes that. */
function blockBodies(value: unknown, path: string): { readonly bodies: readonly Body[]; readonly findings: readonly Finding[] } {
  const list: readonly unknown[] = value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
  const odd = list.filter((each) => !isObject(each) && each !== null);
  // One text in the place of a block is an expression of Terraform's own making, which the expressions' list reads.
  const bad = odd.some((each) => typeof each !== "string");
  return { bodies: list.filter(isObject), findings: bad ? [{ path, reason: "is not written as a block", exception: undefined }] : [] };
}

function hasMember({ attributes, blocks }: Block, name: string): boolean {
  return attributes.some((attribute) => attribute.name === name) || blocks.some((block) => block.name === name);
}
