import { isDeepStrictEqual } from "node:util";
import { isObject } from "../../config/objects";
import type { Body } from "./canonical";

/** How cdktf names what a stack reads of another one. */
const REMOTE_STATE = /^cross-stack-reference-input-(.+)$/;

/** Where the stacks of a base keep their state, each with its own name taken out. */
export type BasePlaces = readonly Place[];

/** A place for state: the name of the way, and its arguments with `<stack>` where a stack's own name was. */
interface Place {
  readonly kind: string;
  readonly arguments: Body;
}

/** Arguments of a backend that nobody needs who only reads. */
const ONLY_WRITING: ReadonlySet<string> = new Set(["use_lockfile"]);

/** Ends of arguments that hold a stack's name, by kind of backend. */
const OWN_PART: Readonly<Record<string, { readonly path: readonly string[]; readonly end: (stack: string) => string }>> = {
  s3: { path: ["key"], end: (stack) => `/${stack}.tfstate` },
  local: { path: ["path"], end: (stack) => `/${stack}.tfstate` },
  cloud: { path: ["workspaces", "name"], end: (stack) => `-${stack}` },
  remote: { path: ["workspaces", "name"], end: (stack) => `-${stack}` },
};

/** Where a `terraform` block keeps a stack's state; undefined where it names none, or more than one place. */
export function placeOf(terraform: unknown, stack: string): Place | undefined {
  if (!isObject(terraform)) return undefined;
  const { backend, cloud } = terraform;
  const places = [...(isObject(backend) ? Object.entries(backend) : []), ...(cloud === undefined ? [] : [["cloud", cloud] as const])];
  const [first, ...others] = places;
  if (!first || others.length > 0) return undefined;
  const [kind, body] = first;
  return isObject(body) ? withoutName({ kind, arguments: body }, stack) : undefined;
}

/** Whether a stack's state is kept where the base keeps its stacks' states, but for the stack's own name. */
export function isPlaceOfBase(place: Place | undefined, places: BasePlaces): boolean {
  return place !== undefined && places.some((other) => isDeepStrictEqual(other, place));
}

/** The stack whose outputs a `terraform_remote_state` reads, as its name says. */
export function stackRead(name: string): string | undefined {
  return REMOTE_STATE.exec(name)?.[1];
}

/**
 * Whether a `terraform_remote_state` reads a state of the base's own stacks, as cdktf writes it. Any other argument
 * could name a file whose `credential_process` Terraform starts, and a missing one lead to another host.
 *
 * @param stacks names of the stacks of base and head
 */
export function readsPlaceOfBase(name: string, body: Body, places: BasePlaces, stacks: ReadonlySet<string>): boolean {
  const stack = stackRead(name);
  const { backend, config, workspace, ...rest } = body;
  if (
    stack === undefined ||
    !stacks.has(stack) ||
    typeof backend !== "string" ||
    !isObject(config) ||
    Object.keys(rest).some((key) => key !== "//")
  )
    return false;
  if (workspace !== undefined && workspace !== "${terraform.workspace}") return false;
  const read = withoutName({ kind: backend, arguments: config }, stack);
  return places.some(({ kind, arguments: whole }) => {
    // A `cloud` block is read with the backend of the name `remote`.
    if ((kind === "cloud" ? "remote" : kind) !== read.kind || !holdsOwnPart(read)) return false;
    const written = Object.fromEntries(Object.entries(whole).filter(([key]) => !ONLY_WRITING.has(key)));
    return isDeepStrictEqual(read.arguments, written);
  });
}

const STACK = "<stack>";

function withoutName({ kind, arguments: body }: Place, stack: string): Place {
  const own = OWN_PART[kind];
  return own ? { kind, arguments: replaceEnd(body, own.path, own.end(stack), own.end(STACK)) } : { kind, arguments: body };
}

function replaceEnd(body: Body, [key = "", ...deeper]: readonly string[], end: string, by: string): Body {
  const value = body[key];
  if (deeper.length > 0) return isObject(value) ? { ...body, [key]: replaceEnd(value, deeper, end, by) } : body;
  // The sign itself must come from here, never from a program.
  if (typeof value !== "string" || value.includes(STACK)) return { ...body, [key]: undefined };
  return value.endsWith(end) ? { ...body, [key]: value.slice(0, -end.length) + by } : body;
}

/** Whether the part with the stack's name is there at all: without it, Terraform would read a place by default. */
function holdsOwnPart({ kind, arguments: body }: Place): boolean {
  const value = OWN_PART[kind]?.path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), body);
  return typeof value === "string" && value.includes(STACK);
}
