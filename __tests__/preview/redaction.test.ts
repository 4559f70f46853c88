import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AffectedStack } from "../../preview/affected";
import { collectPlanSecrets, previewStack } from "../../preview/plans/stack-preview";
import { Digests } from "../../preview/plans/digests";
import type { Outcome } from "../../preview/plans/outcome";
import { Secrets } from "../../preview/redaction/secrets";
import { renderHtml } from "../../preview/render/html";
import { renderMarkdown } from "../../preview/render/markdown";
import { renderTerminal } from "../../preview/render/terminal";
import type { PlanJson, ResourceChange } from "../../terraform/plan-json";
import { Facts } from "../../rehearsal/facts";
import { ROOT } from "../support/checkout";
import { aReport } from "../support/reports";

const stack: AffectedStack = { name: "dev", cause: "changed", base: undefined, head: undefined };

/** Every rendering of a plan, in one text. */
function renderings(changes: readonly ResourceChange[], error?: string): string {
  const plan: PlanJson = { format_version: "1.2", terraform_version: "1.11.4", resource_changes: changes, resource_drift: changes };
  const planned = { stack, outcome: { status: "planned", mode: "real", plan, pending: [], stale: [] } satisfies Outcome };
  const failed = { stack, outcome: { status: "failed", mode: "real", error: new Error(error ?? "") } satisfies Outcome };
  const secrets = new Secrets();
  collectPlanSecrets(secrets, planned);
  const stacks = [planned, failed].map((each) =>
    previewStack({ planned: each, mode: "real", secrets, facts: new Facts(ROOT), digests: Digests.none(), charts: [] }),
  );
  const report = aReport({ stacks });
  return [renderMarkdown(report), renderHtml(report), renderTerminal(report), JSON.stringify(report)].join("\n");
}

function change(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  masks: Partial<ResourceChange["change"]> = {},
): ResourceChange {
  return {
    address: "helm_release.x",
    mode: "managed",
    type: "helm_release",
    name: "x",
    change: { actions: ["update"], before, after, ...masks },
  };
}

/** What people use as secrets: long enough to be one, and of any script. */
const secret = fc
  .oneof(
    fc.stringMatching(/^[A-Za-z0-9!"#$%&'()*+,./:;<=>?@^_`{|}~-]{8,40}$/),
    fc.string({ unit: "grapheme", minLength: 8, maxLength: 30 }).filter((text) => text.trim().length >= 8),
    fc.tuple(fc.stringMatching(/^[A-Za-z0-9]{10,20}$/), fc.stringMatching(/^[A-Za-z0-9]{10,20}$/)).map((lines) => lines.join("\n")),
  )
  // A secret that the report itself says anyway (a word of its own) could not be told from it.
  .map((text) => `Zq${text.trim()}`);

/** The forms in which a text would give it away. */
function traces(text: string): readonly string[] {
  return [
    text,
    JSON.stringify(text).slice(1, -1),
    Buffer.from(text).toString("base64").replace(/=+$/, ""),
    ...text.split("\n").filter((line) => line.length > 6),
  ];
}

describe("no seeded secret appears in any rendering", () => {
  const places: Readonly<Record<string, (seed: string, other: string) => readonly ResourceChange[]>> = {
    "masked by Terraform": (seed, other) => [
      change(
        { password_field: seed, name: "a" },
        { password_field: other, name: "b" },
        { before_sensitive: { password_field: true }, after_sensitive: { password_field: true } },
      ),
    ],
    "masked within a list": (seed, other) => [
      change(
        { set: [{ name: "x", v: seed }] },
        { set: [{ name: "x", v: other }] },
        { before_sensitive: { set: [{ v: true }] }, after_sensitive: { set: [{ v: true }] } },
      ),
    ],
    "in Helm values as JSON": (seed, other) => [
      change(
        { values: [JSON.stringify({ grafana: { adminPassword: seed } })] },
        { values: [JSON.stringify({ grafana: { adminPassword: other } })] },
      ),
    ],
    "in Helm values as YAML": (seed, other) => [
      change({ values: [`a: 1\napi_token: ${JSON.stringify(seed)}\n`] }, { values: [`a: 2\napi_token: ${JSON.stringify(other)}\n`] }),
    ],
    "in an environment variable": (seed, other) => [
      change(
        { env: JSON.stringify([{ name: "DB_PASSWORD", value: seed }]) },
        { env: JSON.stringify([{ name: "DB_PASSWORD", value: other }]) },
      ),
    ],
    "in a manifest of a Secret": (seed, other) => [
      change(
        { manifest: JSON.stringify({ kind: "Secret", stringData: { any: seed } }) },
        { manifest: JSON.stringify({ kind: "Secret", stringData: { any: other } }) },
      ),
    ],
    "elsewhere too, once it is known": (seed, other) => [
      change({ token: seed, note: `call it with ${seed}.` }, { token: other, note: `call it with ${other}.` }),
    ],
    "encoded elsewhere": (seed, other) => [
      change(
        { token: seed, header: Buffer.from(seed).toString("base64") },
        { token: other, header: Buffer.from(other).toString("base64") },
      ),
    ],
    "quoted within quotes": (seed, other) => [
      change(
        { token: seed, body: JSON.stringify({ text: JSON.stringify({ is: seed }) }) },
        { token: other, body: JSON.stringify({ text: JSON.stringify({ is: other }) }) },
      ),
    ],
  };

  it.each(Object.entries(places))("%s", (_, seeded) => {
    fc.assert(
      fc.property(secret, secret, (seed, other) => {
        const text = renderings(seeded(seed, other), `Error: the value ${seed} and ${JSON.stringify(other)} are wrong`);
        for (const trace of [...traces(seed), ...traces(other)]) expect(text.includes(trace), trace).toBe(false);
      }),
      { numRuns: 60, seed: 20_261_128 },
    );
  });

  it("of a known form, in the text of an error, though nothing marks it", () => {
    const text = renderings(
      [],
      "Error: AKIAABCDEFGHIJKLMNOP ghp_abcdefghijklmnopqrstuvwx0123 postgres://user:pa55word@host/db password=hunter2hunter2 Bearer abcdefghijklmnop1234",
    );
    for (const trace of ["AKIAABCDEFGHIJKLMNOP", "ghp_abcdef", "pa55word", "hunter2hunter2", "abcdefghijklmnop1234"])
      expect(text).not.toContain(trace);
    expect(text).toContain("@host/db");
  });
});

it("what only names a secret stays readable", () => {
  const text = renderings([change({ existingSecret: "grafana-login", replicas: 1 }, { existingSecret: "grafana-admin", replicas: 2 })]);
  expect(text).toContain("grafana-admin");
});
