import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { DriftReport } from "../../preview/drift/model";
import type { PreviewReport } from "../../preview/report/model";
import { objectAt, setAttribute } from "../../rehearsal/edit-world";
import { startStandIn, type StandIn } from "../../rehearsal/stand-in";
import { readProgram } from "../../terraform/program";
import { synthesize } from "../../terraform/synthesize";
import { readState } from "../../terraform/state";
import { ROOT } from "../support/checkout";
import { drydock, fleetText } from "../support/drydock";
import { PreviewCheckout, recordedLock, stackOf } from "../support/preview";
import { someCounts } from "../support/reports";

// Previews over "real" state: the stand-in is the account, reached as any provider is, and the state is the fleet's own.
const FLEET = fleetText(`{
    dev: playground({
      network: { cidr: "10.30.0.0/18" },
      logs: { controlPlane: 7, containers: 7 },
      transform: {
        data: {
          stack: (stack) => {
            stack.addOverride("terraform.required_providers.helm", { source: "helm", version: "3.1.1" });
            stack.addOverride("resource.helm_release.agent", {
              name: "agent",
              namespace: "kube-system",
              chart: "../../vendor/charts/alloy-1.11.1-cc4cd48a885c.tgz",
              version: "1.11.1",
              values: [JSON.stringify({ replicas: 2 })],
            });
            stack.addOverride("resource.aws_sns_topic.kept", { name: "kept-one", lifecycle: { create_before_destroy: true } });
            // more
          },
        },
      },
    }),
  }`);
const STATE = '{ "dev": { "colours": { "blue": { "kubernetes": "1.36", "weight": 100 } } } }\n';

// Each test runs Terraform on every stack of a cluster, some several times.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let checkout: PreviewCheckout;
let account: StandIn;
let folder: string;

const env = () => ({ TF_REATTACH_PROVIDERS: account.env["TF_REATTACH_PROVIDERS"] });
const preview = async (...args: string[]): Promise<PreviewReport> => {
  const { stdout, stderr } = await drydock(checkout.folder, ["preview", "--base", "main", "--mode", "real", "--json", ...args], {
    env: env(),
  });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as PreviewReport;
};
const drift = async (...args: string[]): Promise<DriftReport> =>
  JSON.parse((await drydock(checkout.folder, ["drift", "--json", ...args], { env: env() })).stdout) as DriftReport;
const stateOf = (stack: string): string => readFileSync(join(checkout.folder, ".terraform-state", `${stack}.tfstate`), "utf8");

/** Applies the checkout to the account, as a deploy by hand would. */
async function deploy(...names: string[]): Promise<boolean> {
  const outdir = join(checkout.folder, "cdktf.out");
  rmSync(outdir, { recursive: true, force: true });
  await synthesize({ root: checkout.folder, outdir });
  let ok = true;
  for (const { name, directory } of readProgram(outdir)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const options = { cwd: directory, env: { ...env(), CHECKPOINT_DISABLE: "1" }, stdin: "ignore", reject: false } as const;
    await execa("terraform", ["init", "-input=false"], options);
    const { exitCode } = await execa("terraform", ["apply", "-input=false", "-auto-approve"], options);
    ok &&= exitCode === 0;
  }
  return ok;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "drydock-account-"));
  account = await startStandIn(ROOT, folder);
  checkout = await PreviewCheckout.open({ "fleet.ts": FLEET, "fleet.state.json": STATE, "charts.lock.json": recordedLock() });
  expect(await deploy()).toBe(true);
});
afterEach(() => checkout.reset());
afterAll(() => {
  account.stop();
  checkout.close();
  rmSync(folder, { recursive: true });
});

describe("a real preview", () => {
  it("plans against the state, changes nothing there, and holds no lock", async () => {
    checkout.edit("fleet.ts", "controlPlane: 7", "controlPlane: 14");
    const before = stateOf("dev-blue-cluster");
    const report = await preview();
    expect(report.mode).toBe("real");
    expect(report.stacks.map(({ name, mode }) => ({ name, mode }))).toEqual([
      { name: "dev-blue-cluster", mode: "real" },
      { name: "dev-blue-platform", mode: "real" },
    ]);
    expect(report.counts).toEqual(someCounts({ update: 1 }));
    expect(stateOf("dev-blue-cluster")).toBe(before);
    const log = readFileSync(join(checkout.folder, ".drydock", "preview", "real", "logs", "dev-blue-cluster.log"), "utf8");
    expect(log.match(/\$ terraform plan .*/g)).toEqual([expect.stringContaining("-lock=false")]);
  });

  it("rehearses what reads outputs that this very change moves, and marks it", async () => {
    checkout.edit("fleet.ts", "10.30.0.0/18", "10.31.0.0/18");
    const report = await preview();
    expect(stackOf(report, "dev-network").mode).toBe("real");
    const traffic = stackOf(report, "dev-traffic");
    expect(traffic).toMatchObject({ mode: "rehearsed", status: "planned" });
    expect(traffic.note).toBe("planned on the stand-in, because it reads what this change does to dev-network; never applied as it stands");
    expect(traffic.counts.replace).toBeGreaterThan(0);
  });

  it("tells what someone changed outside from the change itself, and shows what an adopted resource takes over", async () => {
    const topic = objectAt(account.world, join(checkout.folder, ".terraform-state"), "aws_sns_topic.kept");
    setAttribute(account.world, topic, "display_name", "by hand");
    account.world.put({
      ...topic,
      key: "arn:found",
      attributes: { ...topic.attributes, id: "arn:found", arn: "arn:found", name: "found" },
    });
    checkout.edit(
      "fleet.ts",
      "// more",
      `stack.addOverride("resource.aws_sns_topic.found", { name: "found" });
            stack.addOverride("import", [{ to: "aws_sns_topic.found", id: "arn:found" }]);`,
    );
    const { changes, drift: outside } = stackOf(await preview(), "dev-data");
    expect(changes).toMatchObject([{ kind: "import", construct: "found", importedId: "arn:found" }]);
    expect(outside).toMatchObject([{ kind: "update", construct: "kept", reason: "the next apply puts it back" }]);
    expect(outside[0]?.differences).toEqual([{ path: "display_name", kind: "changed", after: "by hand", forces: false }]);
    account.world.put(topic);
    account.world.delete("arn:found");
  });
});

describe("drydock drift", () => {
  it("finds nothing where nothing drifted", async () => {
    const { stacks } = await drift("dev");
    expect(stacks.map(({ name }) => name)).not.toContain("foundation");
    expect(stacks.filter(({ status }) => status !== "same")).toEqual([]);
  });

  it("keeps the two causes apart, and holds releases against the lock", async () => {
    const states = join(checkout.folder, ".terraform-state");
    setAttribute(account.world, objectAt(account.world, states, "dev-network/aws_vpc.vpc_6776A399"), "enable_dns_support", false);
    const agent = objectAt(account.world, states, "helm_release.agent");
    const metadata = agent.attributes["metadata"] as Readonly<Record<string, string>>;
    account.world.put({
      ...agent,
      attributes: { ...agent.attributes, metadata: { ...metadata, version: "1.10.0", values: '{"replicas":5}' } },
    });
    checkout.edit("fleet.ts", "controlPlane: 7", "controlPlane: 14");
    const { stacks } = await drift();
    const of = (name: string) => stacks.find((stack) => stack.name === name);
    expect(of("dev-network")).toMatchObject({ status: "differs", unapplied: [] });
    expect(of("dev-network")?.outside[0]?.differences).toEqual([
      { path: "enable_dns_support", kind: "changed", before: "true", after: "false", forces: false },
    ]);
    expect(of("dev-blue-cluster")).toMatchObject({ outside: [], unapplied: [{ kind: "update" }] });
    expect(of("dev-data")?.releases).toEqual([
      {
        release: "agent",
        address: "helm_release.agent",
        differences: [
          { path: "version", kind: "changed", before: "1.10.0", after: "1.11.1", forces: false },
          { path: "values.replicas", kind: "changed", before: "5", after: "2", forces: false },
        ],
      },
    ]);
    expect(of("dev-traffic")?.status).toBe("same");
    const { stdout } = await drydock(checkout.folder, ["drift", "dev"], { env: env() });
    expect(stdout).toContain("changed outside:");
    expect(stdout).toContain("in the code, and not applied:");
    expect(stdout).toContain("enable_dns_support: true → false");
    account.world.put(agent);
    checkout.edit("fleet.ts", "controlPlane: 14", "controlPlane: 7");
    expect(await deploy("dev-network")).toBe(true);
  });

  it("refuses a cluster that does not exist", async () => {
    expect(await drydock(checkout.folder, ["drift", "prod"], { env: env() })).toMatchObject({ exitCode: 2 });
  });
});

describe("a deploy", () => {
  const programs = () => join(folder, "programs");
  const reviewed = () => join(folder, "reviewed.json");
  const run = (...args: string[]) => drydock(checkout.folder, ["deploy", ...args], { env: env() });

  it("applies only what was reviewed, level by level, and stops when the plan is another", async () => {
    checkout.edit("fleet.ts", "controlPlane: 7", "controlPlane: 30");
    const synthesized = await drydock(checkout.folder, ["preview", "--synth-only", programs()], { env: env() });
    expect(synthesized.exitCode).toBe(0);
    const report = await preview("--programs", programs(), "--head", "e".repeat(40));
    expect(report.head).toEqual({ commit: "e".repeat(40), dirty: false });
    writeFileSync(reviewed(), JSON.stringify(report));
    const check = await run("check", "--reviewed", reviewed(), "--planned", reviewed());
    expect(check).toMatchObject({
      exitCode: 0,
      stdout: '{"levels":[["dev-blue-cluster"],["dev-blue-platform"]],"removed":[],"secrets":[]}',
    });

    const other = JSON.parse(JSON.stringify(report).replaceAll('"after":"30"', '"after":"60"')) as PreviewReport;
    writeFileSync(join(folder, "other.json"), JSON.stringify(other));
    const stack = ["stack", "dev-blue-cluster", "--programs", programs(), "--base", "main", "--reviewed"];
    const before = stateOf("dev-blue-cluster");
    const stopped = await run(...stack, join(folder, "other.json"));
    expect(stopped.exitCode).toBe(3);
    expect(stopped.stderr).toContain("retention_in_days becomes 30; 60 was reviewed");
    expect(stateOf("dev-blue-cluster")).toBe(before);

    expect(await run(...stack, reviewed())).toMatchObject({ exitCode: 0, stdout: "dev-blue-cluster: applied" });
    const groups = readState(join(checkout.folder, ".terraform-state", "dev-blue-cluster.tfstate"))?.resources.filter(
      ({ type }) => type === "aws_cloudwatch_log_group",
    );
    expect(groups?.map(({ attributes }) => attributes["retention_in_days"])).toEqual([30]);
  });

  it("is shown what a failed replacement left behind", async () => {
    checkout.edit("fleet.ts", '"kept-one"', '"kept-two"');
    account.operations.faults.arm({ kind: "delete-refused", stack: "dev-data", type: "aws_sns_topic", occurrence: 1 });
    expect(await deploy("dev-data")).toBe(false);
    account.operations.faults.arm(undefined);
    checkout.edit("fleet.ts", "replicas: 2", "replicas: 3");
    const { changes } = stackOf(await preview(), "dev-data");
    expect(changes[0]).toMatchObject({ kind: "deposed", construct: "kept", danger: "stateful" });
  });

  it("destroys a removed stack from the program it was last applied from", async () => {
    checkout.write({ "fleet.state.json": '{ "dev": { "colours": {} } }\n' });
    await drydock(checkout.folder, ["preview", "--synth-only", programs()], { env: env() });
    const report = await preview("--programs", programs(), "--head", "e".repeat(40));
    writeFileSync(reviewed(), JSON.stringify(report));
    const { stdout } = await run("check", "--reviewed", reviewed(), "--planned", reviewed());
    const { removed } = JSON.parse(stdout) as { removed: string[] };
    expect(removed.indexOf("dev-blue-cluster")).toBeLessThan(removed.indexOf("dev-network"));
    for (const name of removed)
      expect(await run("stack", name, "--programs", programs(), "--base", "main", "--reviewed", reviewed())).toMatchObject({
        exitCode: 0,
        stdout: `${name}: destroyed`,
      });
    expect(account.world.all().filter(({ stack }) => stack.startsWith("dev-"))).toEqual([]);
  });
});
