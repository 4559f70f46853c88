import fc from "fast-check";
import MarkdownIt from "markdown-it";
import { parse } from "parse5";
import { describe, expect, it } from "vitest";
import { COMMENT_LIMIT, markerOf, renderMarkdown } from "../../preview/render/markdown";
import { renderHtml } from "../../preview/render/html";
import { renderTerminal } from "../../preview/render/terminal";
import { reportSchema } from "../../preview/report/model";
import { aChange, aReport, aStack, anyReport, bigReport, someCounts } from "../support/reports";

const markdown = new MarkdownIt({ html: true, linkify: true });

/** Elements that the Markdown may become; whatever a value says, it becomes no other. */
const EXPECTED = new Set([
  "h2",
  "h3",
  "p",
  "strong",
  "code",
  "ul",
  "li",
  "table",
  "thead",
  "tbody",
  "tr",
  "th",
  "td",
  "details",
  "summary",
  "pre",
  "hr",
]);

/** Names of the elements in HTML, and what its parser complains about. */
function elements(html: string): { readonly names: readonly string[]; readonly errors: readonly string[] } {
  const errors: string[] = [];
  parse(`<!doctype html><html><head><title></title></head><body>${html}</body></html>`, {
    onParseError: ({ code }) => errors.push(code),
    sourceCodeLocationInfo: true,
  });
  return { names: [...html.matchAll(/<([a-z0-9]+)[\s>]/g)].map(([, name = ""]) => name), errors };
}

/** Whether every element that is opened is closed again, in order. */
function unbalanced(html: string): string | undefined {
  const open: string[] = [];
  for (const [, slash, name = ""] of html.matchAll(/<(\/?)([a-z0-9]+)(?:\s[^>]*)?>/g)) {
    if (name === "hr" || name === "br") continue;
    if (slash === "") open.push(name);
    else if (open.pop() !== name) return `</${name}>`;
  }
  return open.at(-1);
}

describe("the comment", () => {
  it("is never longer than GitHub takes, and always valid Markdown, whatever the values are", () => {
    fc.assert(
      fc.property(anyReport, fc.integer({ min: 2000, max: 20_000 }), (report, limit) => {
        const text = renderMarkdown(report, { limit, fullReport: "https://github.com/acme/platform/actions/runs/1" });
        const html = markdown.render(text);
        const { names, errors } = elements(html.replaceAll(markerOf("acme"), ""));
        expect(names.filter((name) => !EXPECTED.has(name) && name !== "a")).toEqual([]);
        // Only our own link.
        expect(names.filter((name) => name === "a").length).toBeLessThanOrEqual(1);
        expect(errors).toEqual([]);
        expect(unbalanced(html.replaceAll(markerOf("acme"), ""))).toBeUndefined();
        expect(text.startsWith(markerOf("acme"))).toBe(true);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(Math.max(limit, minimum(report)));
      }),
      { numRuns: 300 },
    );
  });

  it("drops detail from the least dangerous end, and says so with a link to everything", () => {
    const report = bigReport(5000);
    const text = renderMarkdown(report, { limit: COMMENT_LIMIT, fullReport: "https://github.com/acme/platform/actions/runs/1" });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(COMMENT_LIMIT);
    expect(Buffer.byteLength(text)).toBeGreaterThan(COMMENT_LIMIT * 0.9);
    expect(text).toContain(
      "This is shortened, from the least dangerous end. [The full report](https://github.com/acme/platform/actions/runs/1)",
    );
    // Every stateful one is still there, and none of the additions.
    expect(text.match(/stack-\d+\/vpc\/subnet-0</g)).toHaveLength(100);
    expect(text).not.toContain("vpc/subnet-45");
    expect(text).toMatch(/and \d+ more/);
  });

  it("folds what is calm and leaves open what needs eyes", () => {
    const text = renderMarkdown(
      aReport({
        stacks: [
          aStack({
            changes: [
              aChange({ kind: "replace", danger: "stateful", refused: true, reason: "lost with it: its objects" }),
              aChange({ construct: "calm" }),
              aChange({ construct: "new", kind: "create" }),
            ],
          }),
        ],
      }),
    );
    const [open = "", folded = ""] = text.split("<details>", 2);
    expect(open).toContain("lost with it: its objects; Terraform refuses it at the deploy");
    expect(folded).toContain("1 change in place");
    expect(open).not.toContain("calm");
  });
});

/** Bytes that stay when everything that can be dropped is. */
function minimum(report: Parameters<typeof renderMarkdown>[0]): number {
  const bare = {
    ...report,
    stacks: report.stacks.map((stack) => ({ ...stack, changes: stack.changes.slice(0, 0), charts: [], drift: [] })),
  };
  return Buffer.byteLength(renderMarkdown(bare)) + 4000;
}

describe("every rendering", () => {
  it("says the same of a report that went through JSON", () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const again = reportSchema.parse(JSON.parse(JSON.stringify(report)));
        expect(renderMarkdown(again)).toBe(renderMarkdown(report));
        expect(renderHtml(again)).toBe(renderHtml(report));
        expect(renderTerminal(again)).toBe(renderTerminal(report));
      }),
      { numRuns: 50 },
    );
  });

  it("of the page is well-formed, whatever the values are", () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const html = renderHtml(report);
        expect(html).not.toContain("<script");
        expect(unbalanced(html.slice(html.indexOf("<body>")).replace("</html>", ""))).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });

  it("of 5,000 changed resources takes less than 2 seconds", () => {
    const report = bigReport(5000);
    const started = performance.now();
    renderHtml(report);
    renderMarkdown(report, { limit: COMMENT_LIMIT });
    JSON.stringify(report);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

it("a release with hundreds of changed values shows as many as fit, and a small change names itself in its line", () => {
  const values = Array.from({ length: 250 }, (_, index) => ({
    path: `key.number${index}`,
    kind: "changed" as const,
    before: "a",
    after: "b".repeat(300),
    forces: false,
  }));
  const chart = {
    release: "loki",
    address: "helm_release.x",
    chart: "loki",
    version: {},
    appVersion: {},
    values,
    newCrds: [],
    droppedCrds: [],
    manifests: { status: "compared" as const, diff: "" },
  };
  const text = renderMarkdown(aReport({ stacks: [aStack({ charts: [chart] })] }), { limit: COMMENT_LIMIT });
  const shown = text.match(/key\.number\d+/g)?.length ?? 0;
  expect(shown).toBeGreaterThan(100);
  expect(shown).toBeLessThan(250);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(COMMENT_LIMIT);
  const group = aChange({
    construct: "nodes/system-a",
    differences: [{ path: "scaling_config[0].max_size", kind: "changed", before: "3", after: "4", forces: false }],
  });
  const report = aReport({ stacks: [aStack({ changes: [group] })] });
  expect(renderTerminal(report)).toContain("nodes/system-a: scaling_config[0].max_size 3 → 4");
  expect(renderHtml(report)).toMatch(/<summary>[^\n]*nodes\/system-a<\/code>: scaling_config\[0\]\.max_size 3 → 4/);
});

it("lists show what comes and goes, and two that differ never look alike", () => {
  const list = (before: string, after: string) =>
    renderTerminal(
      aReport({
        stacks: [
          aStack({
            changes: [aChange({ danger: "destructive", differences: [{ path: "a", kind: "changed", before, after, forces: true }] })],
          }),
        ],
      }),
    );
  expect(list('["10.0.0.0/8","192.0.2.0/24"]', '["10.0.0.0/8","198.51.100.0/24"]')).toContain(
    'a forces it: adds "198.51.100.0/24"; takes away "192.0.2.0/24"',
  );
  expect(list('["a"]', '["b"]')).toContain('["a"] → ["b"]');
  expect(list('["a","a"]', '["a"]')).toContain('takes away "a"');
});

it("a failed plan comes before what is known to change", () => {
  const report = aReport({ stacks: [aStack({ status: "failed", changes: [] })], counts: someCounts({}) });
  expect(renderTerminal(report)).toContain("Plan preview: 1 plan failed; nothing is known to change");
});
