import { rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FAULT_KINDS, type Fault } from "../../rehearsal/provider/faults";
import type { RehearsalReport } from "../../rehearsal/report/model";
import { select } from "../../rehearsal/staged-faults";
import { copyCheckout } from "../support/checkout";
import { declareSmallFleet, drydock } from "../support/drydock";

let checkout = "";

beforeEach(() => {
  checkout = copyCheckout();
  declareSmallFleet(checkout);
});

afterEach(() => {
  rmSync(checkout, { recursive: true, force: true });
});

describe("a sample of faults", () => {
  const possible = ["aws_vpc", "aws_subnet", "aws_eip"].flatMap((type) =>
    FAULT_KINDS.map((kind): Fault => ({ kind, stack: "dev-network", type, occurrence: 1 })),
  );
  const sample = (seed: string, from: readonly Fault[] = possible) =>
    select(from, { kind: "sample", kinds: ["create-fails", "throttled"], size: 3, seed });

  it("is the same for a seed, whatever else is possible, and another for another seed", () => {
    expect(sample("a")).toHaveLength(3);
    expect(sample("a")).toEqual(sample("a", [...possible].reverse()));
    expect(new Set(["a", "b", "c", "d"].map((seed) => JSON.stringify(sample(seed)))).size).toBeGreaterThan(1);
  });

  it("takes only the kinds asked for", () => {
    expect(new Set(sample("a").map(({ kind }) => kind))).not.toContain("answer-lost");
    expect(select(possible, { kind: "sample", kinds: ["answer-lost"], size: 99, seed: "a" })).toHaveLength(3);
  });

  it("converges, one in each stack and operation of a life", async () => {
    const { exitCode, stdout } = await drydock(checkout, ["rehearse", "--faults", "1", "--seed", "a", "--json"]);
    expect(exitCode, stdout.slice(0, 1500)).toBe(0);
    const [cluster] = (JSON.parse(stdout) as RehearsalReport).clusters;
    const faults = cluster?.faults ?? [];
    expect(faults.length).toBeGreaterThan(8);
    expect(faults.filter(({ converged }) => !converged)).toEqual([]);
    expect(faults[0]?.reproduce).toBe(`npx drydock rehearse dev --fault ${faults[0]?.fault ?? ""}`);
    expect(cluster?.steps.at(-1)?.id).toBe("return");
  }, 600_000);
});

describe("one fault", () => {
  it("that loses the answer of a create leaves nothing doubled, and the rehearsal ends with its step", async () => {
    const fault = "answer-lost:dev-blue-cluster/aws_eks_cluster#1";
    const { exitCode, stdout } = await drydock(checkout, ["rehearse", "dev", "--fault", fault, "--json"]);
    expect(exitCode, stdout.slice(0, 1500)).toBe(0);
    const [cluster] = (JSON.parse(stdout) as RehearsalReport).clusters;
    expect(cluster?.faults).toMatchObject([{ fault, converged: true }]);
    expect(cluster?.steps.map(({ id }) => id)).toEqual(["create"]);
  }, 300_000);

  it("that no program has an operation for is refused before anything runs", async () => {
    const { exitCode, stderr } = await drydock(checkout, ["rehearse", "--fault", "delete-refused:dev-network/aws_nosuch#1"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("No step has an operation for the fault delete-refused:dev-network/aws_nosuch#1");
  });

  it("that a stack has too few objects for never comes, and that is said", async () => {
    const { exitCode, stderr } = await drydock(checkout, ["rehearse", "--fault", "create-fails:dev-network/aws_vpc#2"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("No step has an operation for the fault create-fails:dev-network/aws_vpc#2");
  }, 300_000);

  it("that is none is refused with the form it takes", async () => {
    const { exitCode, stderr } = await drydock(checkout, ["rehearse", "--fault", "nonsense"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("create-fails|answer-lost");
  });
});
