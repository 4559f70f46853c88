import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { DriftReport } from "../../preview/drift/model";
import type { PreviewReport } from "../../preview/report/model";
import { objectAt, setAttribute } from "../../rehearsal/edit-world";
import { startStandIn, type StandIn } from "../../rehearsal/stand-in";
import { readProgram } from "../../terraform/program";
import { synthesize } from "../../terraform/synthesize";
import { ROOT } from "../support/checkout";
import { drydock, fleetText } from "../support/drydock";
import { PreviewCheckout, stackOf } from "../support/preview";

// Reviews and deploys end to end: the stand-in is the account, and one cluster that is off keeps only its data stack.
const FLEET = fleetText(
  `{
    dev: staging({
      network: { cidr: "10.30.0.0/18" },
      transform: {
        data: {
          stack: (stack) => {
            stack.addOverride("resource.aws_sns_topic.named", { name: "name-one" });
            stack.addOverride("resource.aws_s3_bucket.store", { bucket: "store-\${aws_sns_topic.named.name}", tags: { team: "one" } });
            stack.addOverride("resource.aws_sns_topic.other", { name: "other", display_name: "first" });
          },
        },
      },
    }),
  }`,
  { preset: "staging", more: "monthlyBudgetUsd: 100," },
);
const STATE = '{ "dev": { "colours": {} } }\n';

// Each test runs Terraform on two stacks several times, and machines may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let checkout: PreviewCheckout;
let account: StandIn;
let folder: string;

const env = () => ({ TF_REATTACH_PROVIDERS: account.env["TF_REATTACH_PROVIDERS"] });
const run = (...args: string[]) => drydock(checkout.folder, args, { env: env() });

async function preview(...args: string[]): Promise<{ readonly exitCode: number | undefined; readonly report: PreviewReport }> {
  const { exitCode, stdout, stderr } = await run("preview", "--mode", "real", "--json", ...args);
  if (stdout === "") throw new Error(stderr);
  return { exitCode, report: JSON.parse(stdout) as PreviewReport };
}

/** Applies the checkout to the account, as a deploy by hand would. */
async function applyByHand(): Promise<void> {
  const outdir = join(checkout.folder, "cdktf.out");
  rmSync(outdir, { recursive: true, force: true });
  await synthesize({ root: checkout.folder, outdir });
  for (const { directory } of readProgram(outdir)) {
    const options = { cwd: directory, env: { ...env(), CHECKPOINT_DISABLE: "1" }, stdin: "ignore" } as const;
    await execa("terraform", ["init", "-input=false", "-lockfile=readonly"], options);
    await execa("terraform", ["apply", "-input=false", "-auto-approve"], options);
  }
}

const address = (name: string): string => `dev-data/${name}`;
const stored = (name: string) => objectAt(account.world, join(checkout.folder, ".terraform-state"), address(name));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "drydock-account-"));
  account = await startStandIn(ROOT, folder);
  checkout = await PreviewCheckout.open({ "fleet.ts": FLEET, "fleet.state.json": STATE });
});
afterAll(() => {
  account.stop();
  checkout.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  await checkout.git("checkout", "--quiet", "--force", "main");
  checkout.write({ "fleet.ts": FLEET });
  await applyByHand();
});

describe("a bucket whose name follows a topic's", () => {
  it("is guarded when the topic is renamed, although someone changed a tag of it too", async () => {
    setAttribute(account.world, stored("aws_s3_bucket.store"), "tags", { team: "one", by: "hand" });
    checkout.edit("fleet.ts", "name-one", "name-two");
    const { exitCode, report } = await preview("--base", "main", "--guard");
    expect(exitCode).toBe(3);
    expect(report.guard.violations).toContainEqual({ address: address("aws_s3_bucket.store"), action: "replace" });
    expect(stackOf(report, "dev-data").drift).toMatchObject([{ kind: "update" }]);
    setAttribute(account.world, stored("aws_s3_bucket.store"), "tags", { team: "one" });
  });
});

describe("a change whose deploy failed", () => {
  it("is shown by the next preview, whatever that one is about, and by drift; and the next deploy brings it along", async () => {
    // Merged, and its deploy fails before anything of it is done.
    checkout.edit("fleet.ts", '"first"', '"second"');
    await checkout.commit("display name");
    // The next change has nothing to do with that stack.
    await checkout.git("checkout", "--quiet", "-b", "next");
    checkout.edit("fleet.ts", "monthlyBudgetUsd: 100", "monthlyBudgetUsd: 200");
    const { report } = await preview("--base", "main");
    const data = stackOf(report, "dev-data");
    expect(data).toMatchObject({ cause: "unapplied", changes: [{ kind: "update", address: "aws_sns_topic.other" }] });
    expect(stackOf(report, "foundation").cause).toBe("changed");

    const drifted = await run("drift", "--json");
    expect(drifted.exitCode).toBe(3);
    const { stacks } = JSON.parse(drifted.stdout) as DriftReport;
    expect(stacks.find(({ name }) => name === "dev-data")?.unapplied).toHaveLength(1);

    const [programs, reviewed] = [join(folder, "programs"), join(folder, "reviewed.json")];
    writeFileSync(reviewed, JSON.stringify(report));
    expect((await run("preview", "--synth-only", programs)).exitCode).toBe(0);
    const common = ["--programs", programs, "--base", "main", "--reviewed", reviewed];
    expect(await run("deploy", "stack", "dev-data", ...common)).toMatchObject({ exitCode: 0, stdout: "dev-data: applied" });
    expect(stored("aws_sns_topic.other").attributes["display_name"]).toBe("second");
    await checkout.git("checkout", "--quiet", "--force", "main");
    await checkout.git("reset", "--quiet", "--hard", "HEAD~1");
  });

  it("goes on where it stopped half-way, from the same review", async () => {
    checkout.edit("fleet.ts", '"first"', '"third"');
    checkout.edit("fleet.ts", "name-one", "name-three");
    const { report } = await preview("--base", "main");
    const [programs, reviewed] = [join(folder, "programs"), join(folder, "reviewed.json")];
    writeFileSync(reviewed, JSON.stringify(report));
    await run("preview", "--synth-only", programs);
    const deploy = () => run("deploy", "stack", "dev-data", "--programs", programs, "--base", "main", "--reviewed", reviewed);
    account.operations.faults.arm({ kind: "create-fails", stack: "dev-data", type: "aws_s3_bucket", occurrence: 1 });
    expect((await deploy()).exitCode).toBe(1);
    account.operations.faults.arm(undefined);
    expect(stored("aws_sns_topic.other").attributes["display_name"]).toBe("third");

    const { report: rest } = await preview("--programs", programs, "--base", "main", "--head", report.head.commit, "--reviewed", reviewed);
    const planned = join(folder, "planned.json");
    writeFileSync(planned, JSON.stringify(rest));
    expect(await run("deploy", "check", "--reviewed", reviewed, "--planned", planned)).toMatchObject({ exitCode: 0 });
    expect(await deploy()).toMatchObject({ exitCode: 0, stdout: "dev-data: applied" });
    expect(stored("aws_s3_bucket.store").attributes["bucket"]).toBe("store-name-three");
  });
});

describe("a pull request whose artefact lies", () => {
  it("about its base changes nothing: the base is made from its own commit", async () => {
    checkout.edit("fleet.ts", "name-one", "name-four");
    const programs = join(folder, "lying");
    await run("preview", "--synth-only", programs);
    // As if both sides were the same, and nothing differed.
    for (const side of ["base", "head"])
      for (const way of ["real", "rehearsed"]) {
        mkdirSync(join(programs, way, side), { recursive: true });
        await execa("cp", ["-r", join(programs, way, "stacks"), join(programs, way, "manifest.json"), join(programs, way, side)]);
      }
    writeFileSync(join(programs, "allowed-programs.json"), JSON.stringify({ exceptions: [{ allow: "block locals", why: "x" }] }));
    const { exitCode, report } = await preview("--programs", programs, "--base", "main", "--head", "e".repeat(40), "--guard");
    expect(exitCode).toBe(3);
    expect(report.guard.violations).toContainEqual({ address: address("aws_s3_bucket.store"), action: "replace" });
  });

  it("with what the base does not allow is not planned, and says which entry would have to be merged first", async () => {
    const programs = join(folder, "hostile");
    await run("preview", "--synth-only", programs);
    const file = join(programs, "real", "stacks", "dev-data", "cdk.tf.json");
    const program = JSON.parse(readFileSync(file, "utf8")) as { resource: Record<string, object> };
    const proof = join(folder, "ran");
    program.resource["terraform_data"] = { x: { provisioner: [{ "local-exec": [{ command: `touch ${proof}` }] }] } };
    program.resource["aws_dynamodb_table"] = { sessions: { name: "sessions" } };
    writeFileSync(file, JSON.stringify(program));
    const common = ["--programs", programs, "--base", "main"];
    for (const result of [
      await run("preview", "--mode", "real", ...common, "--head", "e".repeat(40)),
      await run("deploy", "stack", "dev-data", ...common, "--reviewed", join(folder, "reviewed.json")),
    ]) {
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toContain("resource.terraform_data.x.provisioner is a provisioner, which runs commands");
      expect(result.stderr).toContain('{ "allow": "resource aws_dynamodb_table", "why": "" }');
    }
    expect(existsSync(proof)).toBe(false);
    const refused = join(checkout.folder, ".drydock", "preview", "refused.json");
    expect(JSON.parse(readFileSync(refused, "utf8"))).toContainEqual(
      expect.objectContaining({ stack: "dev-data", exception: "resource aws_dynamodb_table" }),
    );
  });
});
