import { existsSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RehearsalReport } from "../../../rehearsal/report/model";
import { realTerraform } from "../../../terraform/terraform-binary";
import { copyCheckout } from "../../support/checkout";
import { drydock, SMALL_FLEET } from "../../support/drydock";
import { BUILD_TIMEOUT_MS, hasGo, MINOR } from "../../support/kubernetes";

let checkout = "";

beforeAll(() => {
  checkout = copyCheckout();
  writeFileSync(join(checkout, "fleet.ts"), SMALL_FLEET);
  const state = { dev: { colours: { blue: { kubernetes: MINOR, weight: 100 } } } };
  writeFileSync(join(checkout, "fleet.state.json"), JSON.stringify(state));
});

afterAll(() => {
  rmSync(checkout, { recursive: true, force: true });
});

it("faults and a real API exclude each other", async () => {
  const { exitCode, stderr } = await drydock(checkout, ["rehearse", "--kubernetes", "--faults", "1"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("Faults are staged on the stand-in's own memory; leave --kubernetes out, or the faults.");
});

it("says that Go is missing, and what to do", async () => {
  const env = { PATH: `${dirname(process.execPath)}:${dirname(await realTerraform())}`, XDG_CACHE_HOME: join(checkout, "empty-cache") };
  const { exitCode, stderr } = await drydock(checkout, ["rehearse", "--kubernetes"], { env, extendEnv: false });
  expect(exitCode, stderr).toBe(2);
  expect(stderr).toContain("is built with Go, which is not on PATH. Install Go from https://go.dev/dl/");
});

describe.skipIf(!(await hasGo()))(
  "a rehearsal on a real Kubernetes API",
  () => {
    it("installs the platform in order, runs through its whole life, and leaves nothing", async () => {
      const { exitCode, stdout, stderr } = await drydock(checkout, ["rehearse", "--kubernetes", "--json"]);
      expect(exitCode, stdout.slice(0, 3000) + stderr).toBe(0);
      const report = JSON.parse(stdout) as RehearsalReport;
      const steps = report.clusters[0]?.steps ?? [];
      expect(steps.map(({ id }) => id)).toContain("destroy");
      const created = steps[0]?.kubernetes?.clusters[0];
      const order = created?.releases.map(({ name }) => name) ?? [];
      for (const [before, after] of [
        ["platform-classes", "volume-guard"],
        ["volume-guard", "kube-prometheus-stack"],
        ["kube-prometheus-stack", "aws-load-balancer-controller"],
        ["aws-load-balancer-controller-crds", "aws-load-balancer-controller"],
        ["aws-load-balancer-controller", "traefik"],
        ["traefik", "traefik-binding"],
      ] as const)
        expect(order.indexOf(before), `${before} before ${after} in ${order.join(", ")}`).toBeLessThan(order.indexOf(after));
      expect(created?.findings.filter(({ severity }) => severity === "problem")).toEqual([]);
      // Hooks of our own charts and of stubs ran as processes.
      expect(created?.jobs.filter(({ real }) => real).map(({ exitCode: code }) => code)).not.toHaveLength(0);
      const ended = steps.flatMap(({ kubernetes }) => kubernetes?.ended ?? []);
      expect(ended.map(({ cluster }) => cluster).sort()).toEqual(["tiny-dev-blue", "tiny-dev-green"]);
      expect(ended.flatMap(({ leftovers }) => leftovers.filter(({ kept }) => !kept))).toEqual([]);
      for (const name of ["volume-guard", "restore-guard"]) {
        const guard = ended.flatMap(({ jobs }) => jobs).filter(({ pod }) => pod.includes(name));
        expect(guard.map(({ real, exitCode: code }) => [name, real, code])).toEqual([
          [name, true, 0],
          [name, true, 0],
        ]);
      }
      // What was not real is named.
      expect(report.limits.join("\n")).toContain("inside Kubernetes, simulated: stubs, made from the lock, stood in for");
      expect(report.limits).not.toContain("what happens inside Kubernetes");
      expect(existsSync(join(checkout, ".drydock", "rehearsal", "dev", "kubernetes", "logs", "tiny-dev-blue", "audit.log"))).toBe(true);
    });
  },
  BUILD_TIMEOUT_MS,
);
