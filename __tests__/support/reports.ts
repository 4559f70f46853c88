import fc from "fast-check";
import type { Difference, PreviewReport, ResourcePreview, StackPreview } from "../../preview/report/model";

/** Counts that are zero but for some. */
export function someCounts(counts: Partial<PreviewReport["counts"]>): PreviewReport["counts"] {
  return { create: 0, update: 0, replace: 0, delete: 0, import: 0, forget: 0, move: 0, ...counts };
}

/** A change of one resource; tests change the one thing they are about. */
export function aChange(overrides: Partial<ResourcePreview> = {}): ResourcePreview {
  return {
    address: "aws_vpc.main",
    type: "aws_vpc",
    construct: "vpc/vpc",
    kind: "update",
    danger: "none",
    refused: false,
    differences: [{ path: "enable_dns_support", kind: "changed", before: "true", after: "false", forces: false }],
    wholes: [],
    unknowns: 0,
    ...overrides,
  };
}

/** A planned stack with these changes. */
export function aStack(overrides: Partial<StackPreview> = {}): StackPreview {
  return {
    name: "dev-network",
    cause: "changed",
    after: [],
    status: "planned",
    mode: "rehearsed",
    note: "",
    counts: someCounts({ update: 1 }),
    changes: [aChange()],
    drift: [],
    others: [],
    steps: [],
    charts: [],
    time: { median: 60, p90: 90 },
    ...overrides,
  };
}

/** A report of these stacks. */
export function aReport(overrides: Partial<PreviewReport> = {}): PreviewReport {
  return {
    version: 2,
    mode: "rehearsed",
    at: "2026-11-25T12:00:00.000Z",
    terraform: "1.11.4",
    fleet: "acme",
    drydock: "0.1.0",
    digests: "sha256",
    base: { name: "main", commit: "b".repeat(40) },
    head: { commit: "a".repeat(40), dirty: false },
    stacks: [aStack()],
    counts: someCounts({ update: 1 }),
    guard: { violations: [], allowed: [], stale: [] },
    cost: { before: 100, after: 100, items: [] },
    time: { median: 60, p90: 90 },
    ...overrides,
  };
}

/** Text that tries to be more than text: markup, tables, fences, mentions, other scripts, and line ends. */
const hostile = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.constantFrom(
    "</details><script>alert(1)</script>",
    "| a | b |\n| --- | --- |",
    "```\n</code></pre>",
    "@octocat closes #1",
    "[link](javascript:alert(1)) ![x](http://a.example/b.png)",
    "https://example.org www.example.org",
    "# heading\n- item\n> quote",
    "<!-- drydock-preview -->",
    "__init__ *a* ~~b~~ $c$ \\d",
    "\u0000\u2028\u2029\r\n",
  ),
);

const difference: fc.Arbitrary<Difference> = fc.record({
  path: hostile,
  kind: fc.constantFrom("changed", "unknown", "secret", "reordered"),
  before: fc.option(hostile, { nil: undefined }),
  after: fc.option(hostile, { nil: undefined }),
  forces: fc.boolean(),
});

const change: fc.Arbitrary<ResourcePreview> = fc.record({
  address: hostile,
  type: hostile,
  construct: hostile,
  kind: fc.constantFrom("create", "recreate", "update", "replace", "delete", "move", "import", "forget", "deposed"),
  danger: fc.constantFrom("stateful", "destructive", "none"),
  refused: fc.boolean(),
  reason: fc.option(hostile, { nil: undefined }),
  previousAddress: fc.option(hostile, { nil: undefined }),
  importedId: fc.option(hostile, { nil: undefined }),
  differences: fc.array(difference, { maxLength: 4 }),
  wholes: fc.constant([]),
  unknowns: fc.nat(20),
});

const chart: fc.Arbitrary<StackPreview["charts"][number]> = fc.record({
  release: hostile,
  address: hostile,
  chart: hostile,
  version: fc.record({ before: fc.option(hostile, { nil: undefined }), after: fc.option(hostile, { nil: undefined }) }),
  appVersion: fc.record({ before: fc.option(hostile, { nil: undefined }), after: fc.option(hostile, { nil: undefined }) }),
  values: fc.array(difference, { maxLength: 3 }),
  newCrds: fc.array(hostile, { maxLength: 2 }),
  droppedCrds: fc.array(hostile, { maxLength: 2 }),
  manifests: fc.oneof(
    fc.record({ status: fc.constant("compared" as const), diff: hostile }),
    fc.record({ status: fc.constant("not compared" as const), because: hostile }),
  ),
});

const stack: fc.Arbitrary<StackPreview> = fc.record({
  name: hostile,
  cause: fc.constantFrom("changed", "new", "removed", "dependant", "unapplied"),
  after: fc.constant([]),
  status: fc.constantFrom("planned", "failed", "unchanged"),
  mode: fc.constantFrom("real", "rehearsed"),
  note: hostile,
  counts: fc.record({
    create: fc.nat(9),
    update: fc.nat(9),
    replace: fc.nat(9),
    delete: fc.nat(9),
    import: fc.nat(2),
    forget: fc.nat(2),
    move: fc.nat(2),
  }),
  changes: fc.array(change, { maxLength: 12 }),
  drift: fc.array(change, { maxLength: 3 }),
  others: fc.array(fc.record({ kind: fc.constantFrom("action", "deferred", "check", "output"), address: hostile, what: hostile }), {
    maxLength: 2,
  }),
  steps: fc.array(fc.record({ address: hostile, path: hostile, what: hostile }), { maxLength: 2 }),
  charts: fc.array(chart, { maxLength: 2 }),
  time: fc.constant({ median: 60, p90: 90 }),
});

/** Any report, as hostile as a fork could make it. */
export const anyReport: fc.Arbitrary<PreviewReport> = fc
  .record({
    stacks: fc.array(stack, { maxLength: 6 }),
    guard: fc.record({
      violations: fc.array(fc.record({ address: hostile, action: fc.constantFrom("delete", "replace", "recreate") }), { maxLength: 3 }),
      allowed: fc.array(fc.record({ address: hostile, action: fc.constantFrom("delete", "replace", "recreate"), why: hostile }), {
        maxLength: 2,
      }),
      stale: fc.array(fc.record({ address: hostile, action: fc.constantFrom("delete", "replace", "recreate") }), { maxLength: 2 }),
    }),
  })
  .map((parts) => aReport(parts));

/** A report of so many changed resources. */
export function bigReport(resources: number): PreviewReport {
  const each = 50;
  const stacks = Array.from({ length: Math.ceil(resources / each) }, (_, index) =>
    aStack({
      name: `stack-${index}`,
      counts: someCounts({ create: 10, update: 20, replace: 15, delete: 5 }),
      changes: Array.from({ length: each }, (__, number) =>
        aChange({
          address: `aws_subnet.subnet_${number}`,
          construct: `vpc/subnet-${number}`,
          kind: number < 5 ? "delete" : number < 20 ? "replace" : number < 40 ? "update" : "create",
          danger: number < 2 ? "stateful" : number < 20 ? "destructive" : "none",
          differences: Array.from({ length: 4 }, (___, at) => ({
            path: `tags.key_${at}`,
            kind: "changed" as const,
            before: "before | value",
            after: "after <value>",
            forces: at === 0,
          })),
        }),
      ),
    }),
  );
  const counts = someCounts({ create: resources / 5, update: resources / 2.5, replace: resources * 0.3, delete: resources / 10 });
  return aReport({ stacks, counts });
}
