import type { Duration, Facts, ResourceFacts } from "./facts";

/** How long something would take on AWS, in seconds. */
export interface Prediction {
  readonly median: number;
  /** 90th percentile: from the samples where there are some, else one and a half times the estimate. */
  readonly p90: number;
  /** What decides it: the resources one after the other, longest way first to last. */
  readonly path: readonly PathElement[];
}

/** A resource on the critical path. */
export interface PathElement {
  readonly address: string;
  readonly seconds: number;
  readonly basis: Duration["basis"];
}

/** A change whose duration counts. */
export interface TimedChange {
  readonly address: string;
  readonly type: string;
  readonly operations: readonly ("create" | "update" | "delete")[];
}

/** What an estimate is multiplied with for the 90th percentile, where nothing was observed. */
const UNOBSERVED_P90 = 1.5;

/** What is taken for a type without facts: it decides nothing. */
const UNKNOWN: Pick<ResourceFacts, "seconds"> = {
  seconds: {
    create: { basis: "estimate", estimate: 0 },
    update: { basis: "estimate", estimate: 0 },
    delete: { basis: "estimate", estimate: 0 },
  },
};

/** The prediction for nothing. */
export const NO_TIME: Prediction = { median: 0, p90: 0, path: [] };

/**
 * Predicts how long a stack's changes take: along the critical path of Terraform's own graph, as its state records it.
 *
 * @param dependencies addresses that each address waits for, as Terraform wrote them to the state
 */
export function predict(changes: readonly TimedChange[], dependencies: ReadonlyMap<string, readonly string[]>, facts: Facts): Prediction {
  const byAddress = new Map(changes.map((change) => [change.address, change]));
  // A destroy walks the same graph backwards: the longest way is equally long.
  return longestWay([...new Set([...byAddress.keys(), ...dependencies.keys()])], dependencies, (address) => {
    const { median, p90, basis } = durationOf(byAddress.get(address), facts);
    return { median, p90, path: median > 0 ? [{ address, seconds: median, basis }] : [] };
  });
}

/** Predictions of stacks, added up along the graph of stacks. */
export function predictStacks(predictions: ReadonlyMap<string, Prediction>, waitsFor: ReadonlyMap<string, readonly string[]>): Prediction {
  return longestWay([...predictions.keys()], waitsFor, (name) => {
    const own = predictions.get(name) ?? NO_TIME;
    return { ...own, path: own.path.map((element) => ({ ...element, address: `${name}: ${element.address}` })) };
  });
}

/** The way through a graph that takes longest: what everything else waits for. Percentiles have a longest way of their own. */
function longestWay(
  nodes: readonly string[],
  waitsFor: ReadonlyMap<string, readonly string[]>,
  own: (node: string) => Prediction,
): Prediction {
  const done = new Map<string, Prediction>();
  const longest = (ways: readonly Prediction[]): Prediction => ({
    ...ways.reduce((a, b) => (b.median > a.median ? b : a), NO_TIME),
    p90: Math.max(0, ...ways.map(({ p90 }) => p90)),
  });
  const wayTo = (node: string): Prediction => {
    const known = done.get(node);
    if (known) return known;
    // Terraform's graphs have no circles; a damaged state must not hang this.
    done.set(node, NO_TIME);
    const before = longest((waitsFor.get(node) ?? []).map(wayTo));
    const self = own(node);
    const way = { median: before.median + self.median, p90: before.p90 + self.p90, path: [...before.path, ...self.path] };
    done.set(node, way);
    return way;
  };
  return longest(nodes.map(wayTo));
}

function durationOf(change: TimedChange | undefined, facts: Facts): { median: number; p90: number; basis: Duration["basis"] } {
  if (!change) return { median: 0, p90: 0, basis: "estimate" };
  // A published provider may have types that the stand-in knows nothing of.
  const { seconds } = facts.known(change.type) ?? UNKNOWN;
  const parts = change.operations.map((operation) => seconds[operation]);
  return {
    median: parts.reduce((sum, part) => sum + medianOf(part), 0),
    p90: parts.reduce((sum, part) => sum + p90Of(part), 0),
    basis: parts.every(({ basis }) => basis === "observed") ? "observed" : "estimate",
  };
}

function medianOf(duration: Duration): number {
  return duration.basis === "observed" ? quantile(duration.samples, 0.5) : duration.estimate;
}

function p90Of(duration: Duration): number {
  return duration.basis === "observed" ? quantile(duration.samples, 0.9) : duration.estimate * UNOBSERVED_P90;
}

/** Nearest-rank quantile: always a value that was seen. */
function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
