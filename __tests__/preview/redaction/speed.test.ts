import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Finder } from "../../../preview/redaction/finder";
import { layersOf } from "../../../preview/redaction/layers";
import { Secrets } from "../../../preview/redaction/secrets";
import { WORST } from "../../../scripts/bench/redaction-worst";

describe("a text of a megabyte that is nearly a secret everywhere", () => {
  // Going back and forth would take hours, not seconds: the test's limit of time is what fails then.
  it.each(WORST)("is read to its end: %s", { timeout: 120_000 }, (_, text) => {
    const secrets = new Secrets();
    secrets.learn(text);
    secrets.add("Zq8vLm2xTp");
    expect(secrets.redactProse(`${text} Zq8vLm2xTp`)).not.toContain("Zq8vLm2xTp");
  });
});

it("thousands of long secrets that begin and end alike are all hidden", { timeout: 120_000 }, () => {
  const values = Array.from({ length: 5_000 }, (_, index) => `${"same beginning ".repeat(20)}${index * 7919}-${"same end ".repeat(20)}`);
  const secrets = new Secrets();
  for (const value of values) secrets.add(value);
  expect(secrets.redact(values.join("\n"))).not.toMatch(/same|\d/);
});

describe("many texts in another", () => {
  const word = fc.stringMatching(/^[ab]{4,7}$/);
  it("are found where they are, and nowhere else", () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), fc.stringMatching(/^[ab]{0,60}$/), (words, text) => {
        const finder = new Finder(4);
        for (const each of words) finder.add(each);
        const found = finder.find(text);
        for (const [start, end, each] of found) expect(text.slice(start, end)).toBe(each);
        const covered = new Set(found.flatMap(([start, end]) => Array.from({ length: end - start }, (_, step) => start + step)));
        // Every occurrence is covered, if only by one that began before it.
        for (const each of words)
          for (let at = text.indexOf(each); at >= 0; at = text.indexOf(each, at + 1))
            expect([at, at + each.length - 1].some((place) => covered.has(place))).toBe(true);
      }),
    );
  });
});

it("each layer of a text knows where its parts came from", () => {
  const piece = fc.oneof(
    fc.constantFrom("\\n", '\\"', "%2F", "&amp;", "''", "  ", "\n", "QUJDREVGR0hJSktM"),
    fc.stringMatching(/^[a-z ]{1,6}$/),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join("");
      for (const { text: inner, outer } of layersOf(text)) {
        expect(outer([0, inner.length])[1]).toBeLessThanOrEqual(text.length);
        for (const { 0: word, index } of inner.matchAll(/[a-z]{2,}/g)) {
          const [start, end] = outer([index, index + word.length]);
          // Letters stand for themselves, unless bytes were read.
          if (text.includes(word)) expect(text.slice(start, end).length).toBeGreaterThanOrEqual(word.length);
        }
      }
    }),
  );
});
