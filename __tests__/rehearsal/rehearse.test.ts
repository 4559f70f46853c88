import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RehearsalReport } from "../../rehearsal/report/model";
import { copyCheckout } from "../support/checkout";
import { drydock, SMALL_FLEET } from "../support/drydock";

let checkout = "";

beforeEach(() => {
  checkout = copyCheckout();
});

afterEach(() => {
  rmSync(checkout, { recursive: true, force: true });
});

const small = (extra = ""): void => {
  writeFileSync(
    join(checkout, "fleet.ts"),
    extra === "" ? SMALL_FLEET : SMALL_FLEET.replace(`owner: "ops@example.org",`, `owner: "ops@example.org", ${extra}`),
  );
  writeFileSync(join(checkout, "fleet.state.json"), "{}\n");
};

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

describe("faults", () => {
  it("of a sample, picked by its seed, all converge", async () => {
    small();
    const run = async () =>
      JSON.parse((await drydock(checkout, ["rehearse", "--faults", "1", "--seed", "a", "--json"])).stdout) as RehearsalReport;
    const [first, second] = [await run(), await run()];
    const faults = first.clusters[0]?.faults ?? [];
    expect(faults.length).toBeGreaterThan(8);
    expect(faults.filter(({ converged }) => !converged)).toEqual([]);
    expect(second.clusters[0]?.faults.map(({ fault }) => fault)).toEqual(faults.map(({ fault }) => fault));
    expect(faults[0]?.reproduce).toBe(`npx drydock rehearse dev --fault ${faults[0]?.fault ?? ""}`);
  }, 600_000);

  it("that lose the answer of a create leave nothing doubled", async () => {
    small();
    const { exitCode, stdout } = await drydock(checkout, [
      "rehearse",
      "dev",
      "--fault",
      "answer-lost:dev-blue-cluster/aws_eks_cluster#1",
      "--json",
    ]);
    expect(exitCode, stdout.slice(0, 1500)).toBe(0);
    expect((JSON.parse(stdout) as RehearsalReport).clusters[0]?.faults).toMatchObject([
      { fault: "answer-lost:dev-blue-cluster/aws_eks_cluster#1", converged: true },
    ]);
  }, 300_000);
});

describe("real state is never touched", () => {
  it.each([
    ["S3", `state: { kind: "s3", bucket: "real-bucket-of-mine" },`, "real-bucket-of-mine"],
    ["HCP Terraform", `state: { kind: "hcp", organization: "real-organisation" },`, "real-organisation"],
  ])(
    "a fleet on %s is rehearsed without its name in any program",
    async (_kind, state, name) => {
      small(state);
      const { exitCode, stdout } = await drydock(checkout, ["rehearse", "--json"]);
      expect(exitCode, stdout.slice(0, 1500)).toBe(0);
      const folder = join(checkout, ".drydock", "rehearsal", "dev");
      const texts = readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((file) => /\.(json|log|tfstate)$/.test(file))
        .map((file) => readFileSync(join(folder, file), "utf8"));
      expect(texts.length).toBeGreaterThan(10);
      // The foundation's policies may name the bucket; no backend may.
      const backends = texts
        .filter((text) => text.startsWith("{") && text.includes('"terraform"'))
        .map((text) => JSON.stringify((JSON.parse(text) as { terraform?: { backend?: object; cloud?: object } }).terraform ?? {}));
      expect(backends.join()).toContain('"local"');
      expect(backends.join()).not.toContain(name);
      expect(backends.join()).not.toMatch(/"(s3|cloud|remote)"/);
    },
    300_000,
  );

  it.each([
    ["S3", { backend: { s3: { bucket: "b", key: "k", region: "eu-west-1" } } }],
    ["HCP Terraform", { cloud: { organization: "acme", workspaces: { name: "x" } } }],
    ["a local path elsewhere", { backend: { local: { path: "/tmp/elsewhere.tfstate" } } }],
    ["Terraform's default place", {}],
  ])("a program synthesized elsewhere with state in %s is refused", async (_kind, terraform) => {
    const elsewhere = join(checkout, "elsewhere");
    small();
    rmSync(elsewhere, { recursive: true, force: true });
    writeFileSync(
      join(checkout, "cdk.tf.json"),
      JSON.stringify({ terraform: { required_providers: { aws: { source: "aws", version: "6.25.0" } }, ...terraform } }),
    );
    const { exitCode, stderr } = await drydock(checkout, ["stand-in", "--", "terraform", `-chdir=${checkout}`, "plan"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("The stand-in never runs over it");
  });
});

describe("no flag and no variable leads the stand-in to another state", () => {
  const other = () => join(checkout, "other.tfstate");

  it.each([
    ["a flag", ["terraform", "-chdir=STACK", "apply", "-auto-approve", "-state=OTHER"]],
    ["a flag of init", ["terraform", "-chdir=STACK", "init", "-backend-config=path=OTHER"]],
    ["a variable set within", ["sh", "-c", "TF_CLI_ARGS_apply=-state=OTHER terraform -chdir=STACK apply -auto-approve"]],
  ])(
    "%s is refused",
    async (_what, command) => {
      small();
      expect((await drydock(checkout, ["stand-in", "--", "npx", "cdktf", "synth"])).exitCode).toBe(0);
      const stack = join(checkout, ".drydock", "stand-in", "cdktf.out", "stacks", "foundation");
      const { exitCode, stderr } = await drydock(checkout, [
        "stand-in",
        "--",
        ...command.map((part) => part.replace("STACK", stack).replace("OTHER", other())),
      ]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain("could lead state elsewhere");
      expect(existsSync(other())).toBe(false);
    },
    60_000,
  );

  it("a Terraform beside the guarded one gets no providers", async () => {
    small();
    writeFileSync(join(checkout, "main.tf.json"), JSON.stringify({ terraform: { required_providers: { aws: { source: "aws" } } } }));
    const { stdout } = await drydock(checkout, ["stand-in", "--", "sh", "-c", "echo providers:$TF_REATTACH_PROVIDERS"]);
    expect(stdout.trim()).toBe("providers:");
  }, 60_000);

  it("variables of the caller are not passed on", async () => {
    small();
    const env = { TF_CLI_ARGS_plan: `-state=${other()}`, TF_CLI_ARGS_apply: `-state=${other()}`, TF_WORKSPACE: "prod" };
    expect((await drydock(checkout, ["rehearse"], { env })).exitCode).toBe(0);
    expect(existsSync(other())).toBe(false);
  }, 300_000);
});

describe("a rehearsal that proves nothing fails", () => {
  const edit = (file: string, from: string, to: string): void => {
    const text = readFileSync(join(checkout, file), "utf8");
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    writeFileSync(join(checkout, file), text.replace(from, to));
  };

  it("when a protected cluster's programs refuse nothing", async () => {
    small();
    edit("fleet.ts", `cidr: "10.30.0.0/18" }`, `cidr: "10.30.0.0/18" }, protect: true`);
    for (const file of [
      "constructs/cluster/control-plane.ts",
      "constructs/traffic/load-balancer.ts",
      "constructs/data/private-bucket.ts",
      "constructs/data/encryption-key.ts",
    ])
      edit(file, "preventDestroy: true", "preventDestroy: false");
    const { exitCode, stdout } = await drydock(checkout, ["rehearse"]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain("nothing in its programs refuses to be destroyed");
  }, 300_000);

  it("when a type has no facts, and names the file to add", async () => {
    small();
    rmSync(join(checkout, "facts", "providers", "aws", "aws_eks_addon.json"));
    const { exitCode, stderr } = await drydock(checkout, ["rehearse"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("Add facts/providers/aws/aws_eks_addon.json with their source.");
  }, 60_000);

  it("when the one fault asked for never comes", async () => {
    small();
    const { exitCode, stderr } = await drydock(checkout, ["rehearse", "--fault", "create-fails:dev-network/aws_nosuch#1"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("No step has an operation for the fault create-fails:dev-network/aws_nosuch#1");
  }, 300_000);
});

describe("bad input", () => {
  it("an unknown cluster is named beside the known ones", async () => {
    const { exitCode, stderr } = await drydock(checkout, ["rehearse", "produktion"]);
    expect(exitCode).toBe(2);
    expect(stderr).toBe(`The fleet has no cluster "produktion"; it has production, staging, playground.`);
  });

  it("a corrupt world is a sentence and exit code 2", async () => {
    small();
    expect((await drydock(checkout, ["stand-in", "--", "true"])).exitCode).toBe(0);
    writeFileSync(join(checkout, ".drydock", "stand-in", "world.json"), `{"version":1,"objects":`);
    const { exitCode, stderr } = await drydock(checkout, ["stand-in", "--", "true"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("world.json cannot be read");
    expect(stderr).toContain("start over with an empty world");
  });

  it("a folder that cannot be written is a sentence", async () => {
    small();
    writeFileSync(join(checkout, ".drydock"), "a file in the way");
    const { exitCode, stderr } = await drydock(checkout, ["rehearse"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(".drydock cannot be written");
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it("two rehearsals at once: the second says who runs", async () => {
    small();
    const first = drydock(checkout, ["rehearse"]);
    while (!existsSync(join(checkout, ".drydock", "rehearsal.lock"))) await new Promise((resolve) => setTimeout(resolve, 20));
    const second = await drydock(checkout, ["rehearse"]);
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toMatch(/^A rehearsal runs already in this checkout \(process \d+\)\./);
    expect((await first).exitCode).toBe(0);
  }, 300_000);

  it.each([
    ["is missing", undefined, /Terraform is not on PATH; install version 1\.11\.0 or newer/],
    ["is too old", `#!/bin/sh\necho '{"terraform_version":"1.5.7"}'\n`, /Terraform 1\.5\.7 is too old; install version 1\.11\.0 or newer/],
  ])("Terraform %s", async (_how, script, words) => {
    const bin = join(checkout, "fake-bin");
    const { chmodSync, mkdirSync, symlinkSync } = await import("node:fs");
    mkdirSync(bin);
    symlinkSync("/bin/sh", join(bin, "sh"));
    if (script !== undefined) {
      writeFileSync(join(bin, "terraform"), script);
      chmodSync(join(bin, "terraform"), 0o755);
    }
    const { exitCode, stderr } = await drydock(checkout, ["rehearse"], { env: { PATH: bin } });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(words);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("a fault that is none is refused with the form it takes", async () => {
    const { exitCode, stderr } = await drydock(checkout, ["rehearse", "--fault", "nonsense"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("create-fails|answer-lost");
  });
});
