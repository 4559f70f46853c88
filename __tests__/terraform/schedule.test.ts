import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProgramStack } from "../../terraform/program";
import { runInOrder } from "../../terraform/schedule";

const stack = (name: string, dependencies: readonly string[] = []): ProgramStack => ({
  name,
  dependencies,
  directory: "",
  resources: [],
  json: {},
});
const wait = () => new Promise((resolve) => setTimeout(resolve, 1));

/** Any graph without circles: each stack may depend on those before it. */
const graphs = fc
  .array(fc.array(fc.nat(9), { maxLength: 4 }), { minLength: 1, maxLength: 10 })
  .map((rows) =>
    rows.map((row, index) => stack(`s${index}`, [...new Set(row.filter((other) => other < index).map((other) => `s${other}`))])),
  );

describe("stacks run", () => {
  it.each(["dependencies-first", "dependants-first"] as const)("%s, each once, never more at once than allowed", async (direction) => {
    await fc.assert(
      fc.asyncProperty(graphs, fc.integer({ min: 1, max: 4 }), async (stacks, parallel) => {
        const ended: string[] = [];
        let running = 0;
        const results = await runInOrder(stacks, {
          parallel,
          direction,
          work: async ({ name, dependencies }) => {
            running += 1;
            expect(running).toBeLessThanOrEqual(parallel);
            const before =
              direction === "dependencies-first"
                ? dependencies
                : stacks.filter((other) => other.dependencies.includes(name)).map((other) => other.name);
            for (const other of before) expect(ended).toContain(other);
            await wait();
            running -= 1;
            ended.push(name);
          },
        });
        expect([...results.values()].filter((result) => result.status === "failed")).toEqual([]);
        expect(ended.sort()).toEqual(stacks.map(({ name }) => name).sort());
      }),
      { numRuns: 40 },
    );
  });

  it("a failure skips what waits for it, and nothing else", async () => {
    const stacks = [stack("a"), stack("b", ["a"]), stack("c", ["b"]), stack("d")];
    const results = await runInOrder(stacks, {
      parallel: 2,
      direction: "dependencies-first",
      work: ({ name }) => (name === "a" ? Promise.reject(new Error("no")) : Promise.resolve(name)),
    });
    expect(Object.fromEntries([...results].map(([name, result]) => [name, result.status]))).toEqual({
      a: "failed",
      b: "skipped",
      c: "skipped",
      d: "done",
    });
  });

  it("nothing new starts once a reason to stop is given", async () => {
    let stop: string | undefined;
    const results = await runInOrder([stack("a"), stack("b", ["a"])], {
      parallel: 1,
      direction: "dependencies-first",
      stop: () => stop,
      work: () => {
        stop = "enough";
        return Promise.resolve();
      },
    });
    expect(results.get("b")).toEqual({ status: "skipped", because: "enough" });
  });
});
