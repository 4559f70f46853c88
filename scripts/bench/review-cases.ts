import { deviations } from "../../preview/deploy/compare";
import { guard } from "../../preview/guard";
import { Digests } from "../../preview/plans/digests";
import { collectPlanSecrets, previewStack } from "../../preview/plans/stack-preview";
import { Secrets } from "../../preview/redaction/secrets";
import { renderHtml } from "../../preview/render/html";
import { renderMarkdown } from "../../preview/render/markdown";
import { renderTerminal } from "../../preview/render/terminal";
import { reportSchema, type PreviewReport } from "../../preview/report/model";
import { readBlocks, refuseSize } from "../../preview/untrusted/canonical";
import { refusalsOf, type AllowList } from "../../preview/untrusted/allow-list";
import { ResourceTypes } from "../../preview/untrusted/resource-blocks";
import { Facts } from "../../rehearsal/facts";
import { parsePlan } from "../../terraform/plan-json";

// Cases of the benchmark "review", each run in a process of its own, whose memory is then the case's alone.

const ZERO: PreviewReport["counts"] = { create: 0, update: 0, replace: 0, delete: 0, import: 0, forget: 0, move: 0 };
const LIST: AllowList = {
  places: [],
  providers: {},
  assumableRoles: new Set(),
  types: new ResourceTypes(process.cwd()),
  exceptions: [],
  stacks: new Set(),
  mayRead: () => false,
};

/** Work of a case, prepared outside of what is measured. */
export const REVIEW_CASES: Readonly<Record<string, () => () => unknown>> = {
  "5,000 replaced buckets with two values of 600 characters: redacted, guarded, compared, rendered": () => {
    const text = planText(5000);
    return () => {
      rendered(reportOf(text));
    };
  },
  "a plan of 32 MiB": () => {
    const text = planText(22_000);
    return () => {
      rendered(reportOf(text));
    };
  },
  "a program of 32 MiB, 150,000 topics": () => {
    const topic = (index: number) => ({
      name: `topic-${index}`,
      tags: { of: `\${aws_sns_topic.x${index}.arn}` },
      display_name: "y".repeat(100),
    });
    return checked(JSON.stringify({ resource: { aws_sns_topic: byName(150_000, topic) } }));
  },
  "a program of 400,000 unknown types": () => checked(JSON.stringify({ resource: byName(400_000, () => ({ x: { a: "b".repeat(30) } })) })),
  "a program of 8 MiB of nested expressions": () => {
    const value = (index: number) => ({ value: `\${${"(".repeat(11_000)}${index}${")".repeat(11_000)}}` });
    return checked(JSON.stringify({ output: byName(380, value) }));
  },
  "a report of 32 MiB, read and rendered": () => {
    const text = JSON.stringify(reportWith(byIndex(3_800, () => "@".repeat(8_000))));
    return () => {
      rendered(reportSchema.parse(JSON.parse(text)));
    };
  },
};

function checked(text: string): () => Promise<unknown> {
  return async () => {
    const program: unknown = JSON.parse(text);
    refuseSize(program, "the program");
    readBlocks(program);
    return refusalsOf("dev", program, LIST);
  };
}

function planText(buckets: number): string {
  const change = (index: number) => ({
    address: `aws_s3_bucket.x${index}`,
    mode: "managed",
    type: "aws_s3_bucket",
    name: `x${index}`,
    change: {
      actions: ["delete", "create"],
      before: { bucket: `a-${index}`, policy: "p".repeat(600) },
      after: { bucket: `b-${index}`, policy: `${"p".repeat(590)}${index}`.padEnd(600, "q") },
      replace_paths: [["bucket"]],
    },
  });
  return JSON.stringify({ format_version: "1.2", terraform_version: "1.11.4", resource_changes: byIndex(buckets, change) });
}

function reportOf(text: string): PreviewReport {
  const stack = { name: "dev", cause: "changed", base: undefined, head: undefined } as const;
  const planned = { stack, outcome: { status: "planned", mode: "real", plan: parsePlan(text), pending: [], stale: [] } } as const;
  const secrets = new Secrets();
  collectPlanSecrets(secrets, planned);
  const preview = previewStack({ planned, mode: "real", secrets, facts: new Facts(process.cwd()), digests: new Digests(), charts: [] });
  return { ...reportWith([]), stacks: [preview], counts: preview.counts, guard: guard([preview], []) };
}

function reportWith(addresses: readonly string[]): PreviewReport {
  const changes = addresses.map((address): PreviewReport["stacks"][number]["changes"][number] => ({
    address,
    type: "aws_s3_bucket",
    construct: "x",
    kind: "replace",
    danger: "stateful",
    refused: false,
    differences: [],
    wholes: [],
    unknowns: 0,
  }));
  const stack: PreviewReport["stacks"][number] = {
    name: "dev",
    cause: "changed",
    after: [],
    status: "planned",
    mode: "real",
    note: "",
    counts: ZERO,
    changes,
    drift: [],
    others: [],
    steps: [],
    charts: [],
    time: { median: 0, p90: 0 },
  };
  return {
    version: 2,
    mode: "real",
    at: "2026-11-28T12:00:00Z",
    terraform: "1.11.4",
    fleet: "acme",
    drydock: "0.1.0",
    digests: "sha256",
    base: { name: "main", commit: "a" },
    head: { commit: "b", dirty: false },
    stacks: [stack],
    counts: ZERO,
    guard: { violations: [], allowed: [], stale: [] },
    cost: { before: 0, after: 0, items: [] },
    time: { median: 0, p90: 0 },
  };
}

function rendered(report: PreviewReport): void {
  deviations([report], report, { final: true });
  renderTerminal(report);
  renderHtml(report);
  renderMarkdown(report);
  renderMarkdown(report, { limit: 65_536 });
  JSON.stringify(report);
}

function byIndex<Item>(length: number, make: (index: number) => Item): Item[] {
  return Array.from({ length }, (_, index) => make(index));
}

function byName(length: number, make: (index: number) => object): Readonly<Record<string, object>> {
  return Object.fromEntries(byIndex(length, (index) => [`x${index}`, make(index)]));
}
