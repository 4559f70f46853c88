import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyCheckout } from "../support/checkout";
import { declareSmallFleet, drydock } from "../support/drydock";

let checkout = "";

beforeEach(() => {
  checkout = copyCheckout();
});

afterEach(() => {
  rmSync(checkout, { recursive: true, force: true });
});

describe("real state is never touched", () => {
  it.each([
    ["S3", `state: { kind: "s3", bucket: "real-bucket-of-mine" },`, "real-bucket-of-mine"],
    ["HCP Terraform", `state: { kind: "hcp", organization: "real-organisation" },`, "real-organisation"],
  ])(
    "a fleet on %s is rehearsed without its name in any program",
    async (_kind, state, name) => {
      declareSmallFleet(checkout, state);
      // Variables of the caller are not passed on either.
      const other = join(checkout, "other.tfstate");
      const env = { TF_CLI_ARGS_plan: `-state=${other}`, TF_CLI_ARGS_apply: `-state=${other}`, TF_WORKSPACE: "prod" };
      const { exitCode, stdout } = await drydock(checkout, ["rehearse", "--json"], { env });
      expect(exitCode, stdout.slice(0, 1500)).toBe(0);
      expect(existsSync(other)).toBe(false);
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
    declareSmallFleet(checkout);
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
      declareSmallFleet(checkout);
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
    declareSmallFleet(checkout);
    writeFileSync(join(checkout, "main.tf.json"), JSON.stringify({ terraform: { required_providers: { aws: { source: "aws" } } } }));
    const { stdout } = await drydock(checkout, ["stand-in", "--", "sh", "-c", "echo providers:$TF_REATTACH_PROVIDERS"]);
    expect(stdout.trim()).toBe("providers:");
  }, 60_000);
});
