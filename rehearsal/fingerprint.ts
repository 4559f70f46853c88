import { createHash } from "node:crypto";
import type { State } from "../terraform/state";
import type { Facts } from "./facts";

/** One hash over every attribute of every object in every state, and what it leaves out. */
export interface Fingerprint {
  readonly hash: string;
  /** What each object contributes, by stack and address; for finding what differs. */
  readonly objects: Readonly<Record<string, string>>;
  /** Attributes, as `type.path`, that AWS makes anew for each object: ids, times, endpoints. */
  readonly excluded: readonly string[];
}

/** Templates that give a value of their own to each object. */
const GENERATED = /\{(hex|upperHex|upper|digits|alnum|uuid|now|goTime|publicIp|ipIn|certificate|public_ip\|dashes)\b/;

/** End of a name that the provider made up: a time and eight digits. A name that the program gives never looks so. */
const MADE_UP_NAME = /\d{18}[0-9a-f]{8}/g;

/** What the API makes anew for every Kubernetes object. */
const OF_EVERY_OBJECT: readonly string[] = ["metadata.uid", "metadata.resource_version"];

/** Shortest generated value that is looked for within other values; a shorter one could be anything. */
const SHORTEST_TRACE = 8;

/**
 * Fingerprints states. A value that AWS makes is left out where it is made, and wherever else it turns up it counts as
 * "that attribute of that object": a subnet in another VPC than before shows, a VPC with another id does not.
 */
export function fingerprint(states: ReadonlyMap<string, State | undefined>, facts: Facts): Fingerprint {
  const excluded = new Set<string>();
  const names = new Map<string, string>();
  const resources = [...states].flatMap(([stack, state]) =>
    (state?.resources ?? []).map((resource) => ({ ...resource, address: `${stack}/${resource.address}` })),
  );
  for (const { type, address, attributes } of resources) {
    for (const path of generatedPaths(facts, type)) {
      for (const value of leavesAt(attributes, path.split("."))) {
        excluded.add(`${type}.${path}`);
        if (value.length >= SHORTEST_TRACE) names.set(value, `<${address}.${path}>`);
      }
    }
  }
  // Longer values first: an ARN holds the id that would otherwise be replaced within it.
  const traces = [...names].sort(([a], [b]) => b.length - a.length);
  const stable = (value: unknown): unknown => {
    if (typeof value === "string")
      return traces
        .reduce((text, [trace, name]) => (text.includes(trace) ? text.replaceAll(trace, name) : text), value)
        .replaceAll(MADE_UP_NAME, "<made up>");
    if (Array.isArray(value)) {
      const items = value.map(stable);
      // Terraform orders sets by value, and values that AWS makes come in any order.
      return JSON.stringify(items).includes("<") ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
    }
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, inner]) => [key, stable(inner)]),
      );
    return value;
  };
  const objects = Object.fromEntries(
    resources
      .map(({ type, address, attributes }): [string, string] => [
        address,
        JSON.stringify(stable(without(attributes, generatedPaths(facts, type)))),
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return { hash: createHash("sha256").update(JSON.stringify(objects)).digest("hex"), objects, excluded: [...excluded].sort() };
}

/** Objects that two fingerprints disagree about. */
export function differences(a: Fingerprint, b: Fingerprint): readonly string[] {
  const addresses = [...new Set([...Object.keys(a.objects), ...Object.keys(b.objects)])].sort();
  return addresses.filter((address) => a.objects[address] !== b.objects[address]);
}

const cache = new WeakMap<Facts, Map<string, readonly string[]>>();

function generatedPaths(facts: Facts, type: string): readonly string[] {
  const byType = cache.get(facts) ?? new Map<string, readonly string[]>();
  cache.set(facts, byType);
  const cached = byType.get(type);
  if (cached) return cached;
  const known = facts.known(type);
  const { computed, serverDefaults = {} } = known ?? { computed: {} };
  const templates = Object.entries({ ...computed, ...serverDefaults })
    .filter(
      ([path, template]) =>
        GENERATED.test(JSON.stringify(template)) || (template === "{override}" && path !== "priority" && path !== "version"),
    )
    .map(([path]) => path);
  // A published provider may have types that the stand-in knows nothing of.
  const paths = known ? templates : OF_EVERY_OBJECT;
  byType.set(type, paths);
  return paths;
}

function leavesAt(value: unknown, path: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => leavesAt(item, path));
  const [first, ...rest] = path;
  if (typeof value === "object" && value !== null) {
    return first === undefined
      ? Object.values(value).flatMap((inner) => leavesAt(inner, []))
      : leavesAt((value as Record<string, unknown>)[first], rest);
  }
  return typeof value === "string" && first === undefined ? [value] : [];
}

function without(value: Readonly<Record<string, unknown>>, paths: readonly string[]): Readonly<Record<string, unknown>> {
  const strip = (inner: unknown, path: readonly string[]): unknown => {
    if (Array.isArray(inner)) return inner.map((item) => strip(item, path));
    const [first = "", ...rest] = path;
    if (typeof inner !== "object" || inner === null || !(first in inner)) return inner;
    return { ...inner, [first]: rest.length === 0 ? "<generated>" : strip((inner as Record<string, unknown>)[first], rest) };
  };
  return paths.reduce((stripped, path) => strip(stripped, path.split(".")) as Readonly<Record<string, unknown>>, value);
}
