import type { Facts } from "../../rehearsal/facts";
import type { ProgramStack } from "../../terraform/program";
import { stackRead } from "./base-places";

/** How cdktf names an output that other stacks read: the reference without what separates its parts. */
const CROSS_STACK = /^cross-stack-output-(.+)$/;

/** A reference to one attribute of one resource, and nothing else. */
const REFERENCE = /^\$\{(([a-z0-9_]+)\.[\w-]+\.([A-Za-z_]\w*)[\w.[\]-]*)\}$/;

/** Reads an output of another stack, within any text of a program. */
const READ = /data\.terraform_remote_state\.([\w-]+)\.outputs\.([\w-]+)/g;

/**
 * Whether an output holds what its name says. Names decide where tokens go: the way to a cluster is taken from the output
 * that is named after the cluster's endpoint.
 */
export function isNamedAfterItsValue(name: string, value: unknown): boolean {
  const [, rest] = CROSS_STACK.exec(name) ?? [];
  if (rest === undefined) return true;
  const [, reference] = /^\$\{([^{}]*)\}$/.exec(typeof value === "string" ? value : "") ?? [];
  return reference !== undefined && reference.replace(/[^\w-]/g, "") === rest;
}

/**
 * Tells which outputs of other stacks a program may read. The state of another stack holds its outputs without marks, so
 * that whoever reads one can show it: an attribute that facts do not mark as sensitive, or one that the base reads already.
 */
export function readableOutputs(base: readonly ProgramStack[], facts: Facts): (remoteState: string, output: string) => boolean {
  const open = new Set<string>();
  for (const { name, json } of base) {
    for (const [output, body] of Object.entries((json as { readonly output?: Readonly<Record<string, unknown>> }).output ?? {}))
      if (isOpen((body as { readonly value?: unknown }).value, facts)) open.add(`${name}/${output}`);
    for (const [, remoteState = "", output = ""] of JSON.stringify(json).matchAll(READ)) {
      const stack = stackRead(remoteState);
      if (stack !== undefined) open.add(`${stack}/${output}`);
    }
  }
  const known = new Set(base.map(({ name }) => name));
  return (remoteState, output) => {
    const stack = stackRead(remoteState);
    // A new stack has no state yet that could hold anything.
    return stack !== undefined && (open.has(`${stack}/${output}`) || !known.has(stack));
  };
}

function isOpen(value: unknown, facts: Facts): boolean {
  const [, , type = "", attribute = ""] = typeof value === "string" ? (REFERENCE.exec(value) ?? []) : [];
  const known = type === "" ? undefined : facts.known(type);
  return known !== undefined && !(known.sensitive ?? []).some((path) => path.split(".")[0] === attribute);
}
