import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RehearsalReport } from "../../rehearsal/report/model";
import { copyCheckout } from "../support/checkout";
import { drydock } from "../support/drydock";

let checkout = "";

beforeEach(() => {
  checkout = copyCheckout();
});

afterEach(() => {
  rmSync(checkout, { recursive: true, force: true });
});

describe("a rehearsal of the example", () => {
  it("is green for its three clusters, protected, kept and off", async () => {
    const { exitCode, stdout, stderr } = await drydock(checkout, ["rehearse", "--json"]);
    expect(exitCode, stdout.slice(0, 2000) + stderr).toBe(0);
    const report = JSON.parse(stdout) as RehearsalReport;
    expect(report.clusters.map(({ cluster, ok }) => [cluster, ok])).toEqual([
      ["production", true],
      ["staging", true],
      ["playground", true],
    ]);
    const [production, , playground] = report.clusters;
    expect(production?.steps.map(({ id }) => id)).toEqual([
      "create",
      "upgrade",
      "beside",
      "switch",
      "retire",
      "refuse",
      "lift",
      "destroy",
      "return",
    ]);
    expect(playground?.steps.map(({ id }) => id)).toEqual(["create", "upgrade", "beside", "switch", "retire", "destroy", "return"]);
    const steps = Object.fromEntries((production?.steps ?? []).map((step) => [step.id, step]));
    expect(steps["create"]?.counts.create).toBeGreaterThan(100);
    expect(steps["destroy"]?.counts.delete).toBe(steps["create"]?.counts.create);
    expect(steps["return"]?.counts).toEqual(steps["create"]?.counts);
    expect(steps["switch"]?.stacks.find(({ name }) => name === "production-traffic")?.counts).toEqual({
      create: 0,
      update: 1,
      replace: 0,
      delete: 0,
    });
    expect(steps["upgrade"]?.counts).toMatchObject({ create: 0, replace: 0, delete: 0 });
    // The platform is there, its second plan was empty (or the step would not be ok), and an upgrade moves the autoscaler along.
    const platform = (id: string) => steps[id]?.stacks.find(({ name }) => name === "production-blue-platform")?.counts;
    expect(platform("create")?.create).toBeGreaterThan(20);
    expect(platform("upgrade")).toEqual({ create: 0, update: 1, replace: 0, delete: 0 });
    expect(platform("retire")?.delete).toBe(platform("create")?.create);
    // The control plane alone takes longer than eight minutes; the path must lead through it.
    expect(steps["create"]?.prediction.median).toBeGreaterThan(600);
    expect(steps["create"]?.prediction.p90).toBeGreaterThan(steps["create"]?.prediction.median ?? 0);
    expect(steps["create"]?.prediction.path.some(({ address, basis }) => address.includes("aws_eks_cluster") && basis === "observed")).toBe(
      true,
    );
    expect(production?.excluded).toContain("aws_vpc.id");
    expect(production?.excluded).not.toContain("aws_vpc.cidr_block");
    expect(report.limits.length).toBeGreaterThan(3);
    expect(readFileSync(join(checkout, ".drydock", "rehearsal", "report.html"), "utf8")).toContain("Rehearsal");
  }, 600_000);
});
