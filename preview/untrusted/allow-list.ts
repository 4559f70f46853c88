import { isObject } from "../../config/objects";
import { repeated } from "../../config/repeated";
import { fullSource } from "../../terraform/provider-lock";
import { isNamedAfterItsValue } from "./base-outputs";
import { isPlaceOfBase, placeOf, readsPlaceOfBase, type BasePlaces } from "./base-places";
import { readBlocks, withoutNotes, type Blocks, type Body, type LabelledBlock } from "./canonical";
import { Expressions } from "./expressions";
import { isExcepted, type Exceptions } from "./exceptions";
import { providerFindings } from "./provider-blocks";
import type { ResourceTypes } from "./resource-blocks";
import type { Finding, Refusal } from "./refusal";

/** What programs are held to. All of it comes from the base. */
export interface AllowList {
  readonly places: BasePlaces;
  /** Versions of providers by full name, such as `registry.terraform.io/hashicorp/aws`. */
  readonly providers: Readonly<Record<string, string>>;
  readonly assumableRoles: ReadonlySet<string>;
  readonly types: ResourceTypes;
  /** Names of the stacks of base and head: their states may be read, and no others. */
  readonly stacks: ReadonlySet<string>;
  /** Whether an output of another stack may be read. */
  readonly mayRead: (remoteState: string, output: string) => boolean;
  readonly exceptions: Exceptions;
}

/** Kinds of blocks that no entry can allow, and what each does. */
const NEVER: ReadonlyMap<string, string> = new Map([
  ["module", "loads a module"],
  ["ephemeral", "is an ephemeral resource, which reads values that no plan shows"],
  ["action", "is an action, which a plan may run"],
  ["list", "is a query"],
]);

/** Most refusals of one stack; more say nothing more. */
const MOST_REFUSALS = 500;

/** Other kinds of blocks that run nothing by themselves; an entry may allow each. */
const BY_EXCEPTION: ReadonlySet<string> = new Set(["locals", "variable", "removed", "check"]);

const RELEASE_PACKAGE = /^(\.\.\/)+(vendor\/)?charts\/([a-z0-9][a-z0-9-]*-v?\d+\.\d+\.\d+[\w.+-]*\.tgz)$/;

/** File name of the package that a release's program names; undefined where it names anything else. */
export function packageOf(chart: unknown): string | undefined {
  return typeof chart === "string" ? RELEASE_PACKAGE.exec(chart)?.[3] : undefined;
}

/**
 * What in a program is not what Drydock itself writes. A program is data to Drydock, and code to Terraform: only what is
 * on the list reaches it where there are credentials.
 *
 * @param program parsed JSON of one stack
 * @returns refusals that no exception allows, in the order of the program
 */
export async function refusalsOf(stack: string, program: unknown, list: AllowList): Promise<readonly Refusal[]> {
  const { blocks, findings: malformed } = readBlocks(program);
  const of = (kind: string): readonly LabelledBlock[] => blocks.get(kind) ?? [];
  const findings: Finding[] = [
    ...malformed,
    ...[...blocks.keys()].flatMap(kindFindings),
    ...terraformFindings(of("terraform"), stack, list),
    ...of("provider").flatMap(({ labels: [name = ""], body }) => providerFindings(name, body, list)),
    ...(["resource", "data"] as const).flatMap((kind) => [
      ...of(kind).flatMap((block) => resourceFindings(kind, block, list)),
      ...twice(kind, of(kind)),
    ]),
    ...of("output").flatMap(outputFindings),
    ...of("import").flatMap(({ body }) => importFindings(body)),
    ...of("moved").flatMap(({ body }) => unlisted(body, ["from", "to"], "moved")),
    ...of("removed").flatMap(({ body }) => unlisted(body, ["from", "lifecycle"], "removed")),
  ];
  const types = new Set(of("resource").map(({ labels: [type = ""] }) => type));
  const expressions = new Expressions({ types, mayRead: list.mayRead });
  for (const [kind, list_] of blocks)
    for (const { labels, body } of list_) await expressions.check(withoutNotes(body), [kind, ...labels].join("."));
  return [...findings.slice(0, MOST_REFUSALS), ...expressions.findings]
    .map((finding): Refusal => ({ stack, ...finding }))
    .filter((refusal) => !isExcepted(refusal, list.exceptions));
}

/** A program in the one form that the rest of Drydock reads: objects at every level of labels. */
export function canonicalProgram(program: unknown): Body {
  const { blocks }: Blocks = readBlocks(program);
  return Object.fromEntries(
    [...blocks].map(([kind, list]): readonly [string, unknown] => {
      if (kind === "provider") return [kind, byLabel(list, (same) => same.map(({ body }) => body))];
      if (kind === "resource" || kind === "data")
        return [kind, byLabel(list, (same) => byLabel(same.map(withoutFirstLabel), (one) => one[0]?.body))];
      if (kind === "output") return [kind, byLabel(list, (same) => same[0]?.body)];
      const bodies = list.map(({ body }) => body);
      return [kind, kind === "terraform" ? bodies[0] : bodies];
    }),
  );
}

function kindFindings(kind: string): Finding[] {
  const known = ["terraform", "provider", "resource", "data", "output", "import", "moved"];
  const never = NEVER.get(kind);
  if (known.includes(kind)) return [];
  if (never !== undefined) return [{ path: kind, reason: never, exception: undefined }];
  return [
    { path: kind, reason: "is a kind of block that Drydock never writes", exception: BY_EXCEPTION.has(kind) ? `block ${kind}` : undefined },
  ];
}

function terraformFindings(blocks: readonly LabelledBlock[], stack: string, list: AllowList): Finding[] {
  const [block, ...more] = blocks;
  const body = block?.body ?? {};
  const { required_providers: required = {}, ...rest } = body;
  const providers = isObject(required) ? Object.entries(required) : [];
  return [
    ...more.map(() => ({ path: "terraform", reason: "is declared twice", exception: undefined })),
    ...unlisted(rest, ["backend", "cloud", "required_version"], "terraform"),
    ...(isPlaceOfBase(placeOf(body, stack), list.places)
      ? []
      : [{ path: "terraform.backend", reason: "keeps state elsewhere than the base does", exception: undefined }]),
    ...(isObject(required) ? [] : [{ path: "terraform.required_providers", reason: "is not written as a block", exception: undefined }]),
    ...providers.flatMap(([name, wanted]) => requirementFindings(name, wanted as Body | string | null, list)),
  ];
}

/** Terraform starts the binary that a source leads to: its full name and its version are those of the base's lock. */
function requirementFindings(name: string, wanted: Body | string | null, { providers }: AllowList): Finding[] {
  const path = `terraform.required_providers.${name}`;
  const { source, version, ...rest } = typeof wanted === "object" && wanted !== null ? wanted : { source: undefined, version: undefined };
  const full = fullSource(source);
  if (full === undefined || typeof version !== "string" || Object.keys(rest).length > 0)
    return [{ path, reason: "does not name one source and one version", exception: undefined }];
  // Types and provider blocks find their provider by this name.
  if (full.split("/").at(-1) !== name) return [{ path, reason: `calls ${full} by another name`, exception: undefined }];
  if (providers[full] === version) return [];
  return [
    {
      path,
      reason: `wants ${full} ${version}, and the base's providers.lock.hcl has ${providers[full] ?? "no such provider"}`,
      exception: /^registry\.terraform\.io\/hashicorp\//.test(full) ? `provider ${full} ${version}` : undefined,
    },
  ];
}

function resourceFindings(kind: "resource" | "data", { labels: [type = "", name = ""], body }: LabelledBlock, list: AllowList): Finding[] {
  const path = `${kind}.${type}.${name}`;
  if (kind === "data" && type === "terraform_remote_state")
    return readsPlaceOfBase(name, body, list.places, list.stacks)
      ? []
      : [{ path, reason: "reads a state that is none of the base's stacks, or with other arguments than the base", exception: undefined }];
  const findings = [...list.types.findings(kind, type, body, path)];
  if (type === "helm_release" && packageOf(body["chart"]) === undefined)
    findings.push({
      path: `${path}.chart`,
      reason: "takes its chart from somewhere else than the packages beside the program",
      exception: undefined,
    });
  return findings;
}

/** What other stacks read must be what its name says: the way to a cluster is found by such names. */
function outputFindings({ labels: [name = ""], body }: LabelledBlock): Finding[] {
  const path = `output.${name}`;
  return [
    ...unlisted(body, ["value", "description", "sensitive", "depends_on"], path),
    ...(isNamedAfterItsValue(name, body["value"])
      ? []
      : [{ path, reason: "holds something else than its name says", exception: undefined }]),
  ];
}

function twice(kind: string, blocks: readonly LabelledBlock[]): Finding[] {
  const paths = blocks.map(({ labels }) => [kind, ...labels].join("."));
  return repeated(paths).map((path) => ({ path, reason: "is declared twice", exception: undefined }));
}

/** A plan reads what it imports, whoever owns it, and shows it: each object is allowed by name. */
function importFindings(body: Body): Finding[] {
  const { to, id } = body;
  const address = typeof to === "string" ? to.replace(/^\$\{(.*)\}$/, "$1") : "";
  const plain = typeof id === "string" && !id.includes("${") && !id.includes("%{");
  return [
    ...unlisted(body, ["to", "id"], "import"),
    { path: `import ${address}`, reason: "takes over an object", exception: plain ? `import ${address} ${id}` : undefined },
  ];
}

function unlisted(body: Body, allowed: readonly string[], path: string): Finding[] {
  return Object.keys(body)
    .filter((key) => key !== "//" && !allowed.includes(key))
    .map((key) => ({ path: `${path}.${key}`, reason: "is an argument that Drydock never writes", exception: undefined }));
}

function withoutFirstLabel({ labels, body }: LabelledBlock): LabelledBlock {
  return { labels: labels.slice(1), body };
}

function byLabel<Result>(
  list: readonly LabelledBlock[],
  result: (same: readonly LabelledBlock[]) => Result,
): Readonly<Record<string, Result>> {
  return Object.fromEntries([...group(list)].map(([label, same]) => [label, result(same)]));
}

function group(list: readonly LabelledBlock[]): ReadonlyMap<string, readonly LabelledBlock[]> {
  const grouped = new Map<string, LabelledBlock[]>();
  for (const block of list) {
    const [label = ""] = block.labels;
    const same = grouped.get(label);
    if (same) same.push(block);
    else grouped.set(label, [block]);
  }
  return grouped;
}
