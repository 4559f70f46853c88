import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entriesFor, guard, readAllowedChanges } from "../../preview/guard";
import { renderHtml } from "../../preview/render/html";
import { renderMarkdown } from "../../preview/render/markdown";
import { renderTerminal } from "../../preview/render/terminal";
import type { ResourceChange } from "../../terraform/plan-json";
import { aPlanned, aProgram, reportOf, type ReportOptions } from "../support/plans";
import { aChange, aReport, aStack } from "../support/reports";

const same = aProgram("dev", { aws_s3_bucket: { bucket: "logs" } });
const SAME: ReportOptions = { base: same, head: same };

/** Someone changed one tag of the bucket outside. */
const retagged = aPlanned(["update"], { bucket: "logs", tags: {} }, { bucket: "logs", tags: { by: "hand" } });
const deletedOutside = aPlanned(["delete"], { bucket: "logs" }, null);
const replaced = aPlanned(
  ["delete", "create"],
  { bucket: "logs", tags: { by: "hand" } },
  { bucket: "logs-2", tags: {} },
  {
    change: { replace_paths: [["bucket"]] },
  },
);
const putBack = aPlanned(["update"], { bucket: "logs", tags: { by: "hand" } }, { bucket: "logs", tags: {} });

const verdict = (changes: readonly ResourceChange[], drift: readonly ResourceChange[], options: ReportOptions = SAME) => {
  const { guard: found, stacks } = reportOf({ resource_changes: changes, resource_drift: drift }, options);
  return { violations: found.violations, changes: stacks[0]?.changes ?? [], drift: stacks[0]?.drift ?? [] };
};

describe("a change of something that was changed outside too", () => {
  it("is no part of the change when it puts back exactly that, in place", () => {
    expect(verdict([putBack], [retagged])).toMatchObject({ violations: [], changes: [], drift: [{ kind: "update" }] });
  });

  it("counts when it replaces, deletes, or makes it again, whatever was changed outside", () => {
    expect(verdict([replaced], [retagged]).violations).toEqual([{ address: "dev/aws_s3_bucket.x", action: "replace" }]);
    expect(verdict([aPlanned(["delete"], { bucket: "logs" }, null)], [retagged]).violations).toEqual([
      { address: "dev/aws_s3_bucket.x", action: "delete" },
    ]);
    expect(verdict([aPlanned(["create"], null, { bucket: "logs" })], [deletedOutside]).violations).toEqual([
      { address: "dev/aws_s3_bucket.x", action: "recreate" },
    ]);
  });

  it("counts when putting it back takes a replacement", () => {
    const renamed = aPlanned(["update"], { bucket: "logs" }, { bucket: "by-hand" });
    const back = aPlanned(["delete", "create"], { bucket: "by-hand" }, { bucket: "logs" }, { change: { replace_paths: [["bucket"]] } });
    expect(verdict([back], [renamed]).violations).toEqual([{ address: "dev/aws_s3_bucket.x", action: "replace" }]);
  });

  it("counts when it does more than put back, or to another value, or at the code's own wish", () => {
    const more = aPlanned(["update"], { bucket: "logs", tags: { by: "hand" }, policy: "a" }, { bucket: "logs", tags: {}, policy: "b" });
    expect(verdict([more], [retagged]).changes).toHaveLength(1);
    const other = aPlanned(["update"], { bucket: "logs", tags: { by: "hand" } }, { bucket: "logs", tags: { by: "code" } });
    expect(verdict([other], [retagged]).changes).toHaveLength(1);
    const unknown = aPlanned(
      ["update"],
      { bucket: "logs", tags: { by: "hand" } },
      { bucket: "logs", tags: {} },
      {
        change: { after_unknown: { policy: true } },
      },
    );
    expect(verdict([unknown], [retagged]).changes).toHaveLength(1);
    const changed = aProgram("dev", { aws_s3_bucket: { bucket: "logs", force_destroy: true } });
    expect(verdict([putBack], [retagged], { base: same, head: changed }).changes).toHaveLength(1);
  });

  it("counts when the object is gone because the program looks for it in another region", () => {
    const here = aProgram("dev", { aws_s3_bucket: { bucket: "logs" } }, { region: "eu-west-1" });
    const there = aProgram("dev", { aws_s3_bucket: { bucket: "logs" } }, { region: "us-east-1" });
    const found = verdict([aPlanned(["create"], null, { bucket: "logs" })], [deletedOutside], { base: here, head: there });
    expect(found.violations).toEqual([{ address: "dev/aws_s3_bucket.x", action: "recreate" }]);
    expect(found.changes[0]?.reason).toContain("looked for in another account or region");
    expect(verdict([putBack], [retagged], { base: here, head: there }).changes).toHaveLength(1);
  });
});

describe("the guard", () => {
  it("refuses what nobody classified, what a replacement left, and a replacement that only forgets", () => {
    const type = "aws_brand_new_store";
    expect(verdict([aPlanned(["delete"], { a: 1 }, null, { type })], []).violations).toEqual([
      { address: `dev/${type}.x`, action: "delete" },
    ]);
    expect(verdict([aPlanned(["delete"], { bucket: "logs" }, null, { deposed: "0a1b2c3d" })], []).violations).toHaveLength(1);
    const kept = verdict([aPlanned(["create", "forget"], { bucket: "a" }, { bucket: "b" })], []);
    expect(kept.violations).toEqual([{ address: "dev/aws_s3_bucket.x", action: "replace" }]);
    expect(kept.changes[0]).toMatchObject({ kind: "replace", keepsOld: true });
  });

  it("allows nothing for an entry without a reason", () => {
    const folder = mkdtempSync(join(tmpdir(), "drydock-guard-"));
    try {
      writeFileSync(join(folder, "allowed-changes.json"), JSON.stringify({ changes: [{ address: "a/b", action: "delete", why: " \t" }] }));
      expect(() => readAllowedChanges(folder)).toThrow("it says why");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("offers entries that allow exactly what it refuses, once they say why", () => {
    const report = reportOf(
      { resource_changes: [replaced, aPlanned(["delete"], {}, null, { type: "aws_kms_key", address: 'aws_kms_key.x["a\\"b"]' })] },
      SAME,
    );
    const offered = JSON.parse(entriesFor(report.guard).replaceAll('"why": ""', '"why": "moved"')) as {
      changes: { address: string; action: "delete"; why: string }[];
    };
    expect(offered.changes).toHaveLength(2);
    expect(guard(report.stacks, offered.changes)).toMatchObject({ violations: [], stale: [] });
  });

  it("comes first in every rendering, with the entry to paste", () => {
    const report = aReport({
      stacks: [aStack({ changes: [aChange({ address: "aws_s3_bucket.x", kind: "delete", danger: "stateful" })] })],
      guard: { violations: [{ address: "dev/aws_s3_bucket.x", action: "delete" }], allowed: [], stale: [] },
    });
    const entry = /"address": "dev\/aws_s3_bucket.x", "action": "delete", "why": ""/;
    for (const [text, next] of [
      [renderTerminal(report), "Needs eyes"],
      [renderMarkdown(report), "### Stateful"],
      [renderHtml(report).replaceAll("&quot;", '"'), "Stateful resources"],
    ] as const) {
      expect(text).toMatch(entry);
      expect(text.search(entry)).toBeLessThan(text.indexOf(next));
      expect(text).toContain("may not be deleted: no entry in allowed-changes.json allows it");
    }
  });
});

it("random drift never lowers the guard's verdict", () => {
  const attributes = fc.dictionary(fc.constantFrom("bucket", "tags", "policy", "acl"), fc.string({ maxLength: 3 }));
  const type = fc.constantFrom("aws_s3_bucket", "aws_kms_key", "aws_iam_role", "aws_brand_new_store");
  const change = fc
    .tuple(
      fc.constantFrom("update", "delete", "create", "replace"),
      attributes,
      attributes,
      type,
      fc.option(fc.constant("0a1b2c3d"), { nil: undefined }),
    )
    .map(([kind, before, after, of, deposed]) =>
      aPlanned(kind === "replace" ? ["delete", "create"] : [kind], kind === "create" ? null : before, kind === "delete" ? null : after, {
        type: of,
        ...(deposed !== undefined && kind === "delete" ? { deposed } : {}),
      }),
    );
  fc.assert(
    fc.property(fc.array(change, { maxLength: 5 }), fc.array(change, { maxLength: 5 }), (changes, drift) => {
      const without = verdict(changes, [], {}).violations;
      const withDrift = verdict(changes, drift, {}).violations;
      expect(withDrift).toEqual(expect.arrayContaining(without));
      const programs = Object.fromEntries(changes.map((each) => [each.type, { bucket: "x" }]));
      const program = aProgram("dev", programs);
      expect(verdict(changes, drift, { base: program, head: program }).violations).toEqual(expect.arrayContaining(without));
    }),
    { numRuns: 500 },
  );
});
