import fc from "fast-check";
import { parseFragment } from "parse5";
import { describe, expect, it } from "vitest";
import { inertLines, inertText } from "../../config/inert-text";
import { renderDrift } from "../../preview/render/drift-terminal";
import { renderHtml } from "../../preview/render/html";
import { prose, renderMarkdown } from "../../preview/render/markdown";
import { renderTerminal } from "../../preview/render/terminal";
import { ROOT } from "../support/checkout";
import { drydock } from "../support/drydock";
import { aChange, anyReport, aReport, aStack } from "../support/reports";

const steering = fc.constantFrom(
  "\u001b[31m",
  "\u0007",
  "\u0085",
  "\u202e",
  "\u200b",
  "\u2066",
  "\ufeff",
  "\u00ad",
  "\u2800",
  "\u3164",
  "\u00a0",
  "\r",
  "\n",
  "\u2028",
  "\ud800",
);
const text = fc
  .array(fc.oneof(fc.string(), steering, fc.constantFrom("::error::x", "##[error]x", "⏎", "⟦U+202E⟧", " ")))
  .map((parts) => parts.join(""));

/** What a terminal may get: characters that a person sees, spaces, and ends of lines. */
const PRINTABLE = /^(?:[\p{L}\p{M}\p{N}\p{P}\p{S} \n\t](?<![\p{DI}\u2800\u3164\u115f\u1160\uffa0]))*$/u;

describe("words of others", () => {
  it("become one line of characters that a person sees", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(inertText(value)).toMatch(PRINTABLE);
        expect(inertText(value)).not.toContain("\n");
      }),
      { numRuns: 1000 },
    );
  });

  it("look different when they are", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        fc.pre(a !== b);
        expect(inertText(a)).not.toBe(inertText(b));
      }),
      { numRuns: 1000 },
    );
    expect(inertText("a\nb")).toBe("a ⏎ b");
    expect(inertText("admin\u202ekcuf")).toBe("admin⟦U+202E⟧kcuf");
  });

  it("begin no line with a command of a runner, and hold none", () => {
    fc.assert(
      fc.property(text, (value) => {
        for (const line of inertLines(value).split("\n")) {
          expect(line.trimStart().startsWith("::")).toBe(false);
          expect(line).not.toContain("##[");
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("renderings of a hostile report", () => {
  it("give a terminal nothing but characters that a person sees", () => {
    fc.assert(
      fc.property(anyReport, text, (report, value) => {
        const difference = { path: value, kind: "changed" as const, before: value, after: `${value}!`, forces: true };
        const hostile = {
          ...report,
          stacks: [
            ...report.stacks,
            aStack({ name: value, note: value, changes: [aChange({ construct: value, differences: [difference] })] }),
          ],
        };
        const shown = renderTerminal(hostile);
        expect(shown).toMatch(PRINTABLE);
        for (const line of shown.split("\n")) expect(line.trimStart().startsWith("::")).toBe(false);
      }),
      { numRuns: 200 },
    );
    const drifted = {
      name: "x\u001b[2J",
      status: "differs" as const,
      note: "",
      outside: [aChange({ construct: "a\n::error::b" })],
      unapplied: [],
      releases: [],
    };
    const report = { version: 1 as const, at: "", terraform: "", commit: "", fleet: "", whole: true, stacks: [drifted] };
    expect(renderDrift(report)).toMatch(PRINTABLE);
    expect(renderDrift(report)).not.toMatch(/^\s*::/m);
  });

  it("show what a value hides", () => {
    const value = "b\n::error file=fleet.ts::owned \u202e";
    const report = aReport({
      stacks: [
        aStack({
          changes: [
            aChange({ differences: [{ path: "a", kind: "changed", before: "x", after: value, forces: true }], danger: "destructive" }),
          ],
        }),
      ],
    });
    for (const rendering of [renderTerminal(report), renderMarkdown(report), renderHtml(report)]) {
      expect(rendering).not.toContain("\u202e");
      expect(rendering).not.toMatch(/^\s*::error/m);
      expect(rendering.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))).toContain("⟦U+202E⟧");
    }
  });

  it("make no pictures of words between colons", () => {
    const [node] = parseFragment(prose("a :tada: b")).childNodes;
    expect(node && "value" in node ? node.value : "").not.toContain(":tada:");
  });
});

it("an error says what it quotes without being steered by it", async () => {
  const { stderr, exitCode } = await drydock(ROOT, ["preview", "--base", "x\u001b[31m\n::error::y"]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(PRINTABLE);
  expect(stderr).not.toMatch(/^\s*::/m);
});
