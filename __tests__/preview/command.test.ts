import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { parsePlan } from "../../terraform/plan-json";
import { drydock, SMALL_FLEET } from "../support/drydock";
import { PreviewCheckout } from "../support/preview";
import type { PreviewReport } from "../../preview/report/model";

const STATE = '{ "dev": { "colours": { "blue": { "kubernetes": "1.36", "weight": 100 } } } }\n';

// Each test runs Terraform on several stacks, and machines may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let checkout: PreviewCheckout;

beforeAll(async () => {
  checkout = await PreviewCheckout.open({ "fleet.ts": SMALL_FLEET, "fleet.state.json": STATE });
});
afterEach(() => checkout.reset());
afterAll(() => {
  checkout.close();
});

const preview = (...args: string[]) => drydock(checkout.folder, ["preview", "--base", "main", ...args]);

describe("drydock preview", () => {
  it("guards what is stateful with exit code 3, until allowed-changes.json names it; what it names in vain is reported", async () => {
    checkout.edit("fleet.ts", "10.30.0.0/18", "10.31.0.0/18");
    const refused = await preview("--guard", "--json");
    expect(refused.exitCode).toBe(3);
    const { guard } = JSON.parse(refused.stdout) as PreviewReport;
    expect(guard.violations.map(({ address }) => address.replace(/_[0-9A-F]{8}$/, ""))).toContain("dev-network/aws_vpc.vpc");
    const changes = [
      ...guard.violations.map((violation) => ({ ...violation, why: "the lab is rebuilt" })),
      { address: "dev-data/aws_kms_key.gone", action: "delete", why: "an old one" },
    ];
    checkout.write({ "allowed-changes.json": JSON.stringify({ changes }) });
    const allowed = await preview("--guard");
    expect(allowed).toMatchObject({ exitCode: 0 });
    expect(allowed.stdout).toContain("dev-data/aws_kms_key.gone (delete) matches nothing any more");
    expect(allowed.stdout).not.toContain("may not be");
    checkout.write({ "allowed-changes.json": '{ "changes": [{ "address": "no-stack", "action": "explode" }] }' });
    expect(await preview("--guard")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("allowed-changes.json cannot be read") as string,
    });
  });

  it("shows a failed plan with its stack and its redacted error, and the others all the same", async () => {
    checkout.edit(
      "fleet.ts",
      'network: { cidr: "10.30.0.0/18" }',
      `network: { cidr: "10.30.0.0/18" },
      logs: { controlPlane: 14, containers: 7 },
      transform: {
        data: {
          stack: (stack) => {
            stack.addOverride("resource.aws_sns_topic.bad", { name: "\${tonumber(\\"ghp_abcdefghijklmnopqrstuvwx0123\\")}" });
          },
        },
      }`,
    );
    const { exitCode, stdout } = await preview("--json");
    expect(exitCode).toBe(1);
    const { stacks } = JSON.parse(stdout) as PreviewReport;
    expect(stacks.find(({ name }) => name === "dev-data")).toMatchObject({
      status: "failed",
      note: expect.stringContaining("terraform plan failed") as string,
    });
    expect(stacks.find(({ name }) => name === "dev-blue-cluster")?.counts.update).toBeGreaterThan(0);
    expect(stdout).not.toContain("ghp_abc");
  });

  it("names a protected resource that would go, where Terraform alone would stop and show nothing", async () => {
    checkout.edit("fleet.ts", 'network: { cidr: "10.30.0.0/18" }', 'protect: true, network: { cidr: "10.30.0.0/18" }');
    await checkout.commit("protected");
    try {
      checkout.write({ "fleet.state.json": '{ "dev": { "colours": { "green": { "kubernetes": "1.36", "weight": 100 } } } }\n' });
      const { exitCode, stdout } = await preview("--json");
      expect(exitCode).toBe(0);
      const { stacks } = JSON.parse(stdout) as PreviewReport;
      const gone = stacks.find(({ name }) => name === "dev-blue-cluster");
      expect(gone).toMatchObject({ cause: "removed", status: "planned" });
      expect(gone?.changes[0]).toMatchObject({ type: "aws_eks_cluster", kind: "delete", refused: true });
      expect(stacks.find(({ name }) => name === "dev-green-cluster")).toMatchObject({ cause: "new", status: "planned" });
    } finally {
      await checkout.git("reset", "--quiet", "--hard", "HEAD~1");
    }
  });

  it("says that a base does not compile, and that nothing was compared", async () => {
    checkout.edit("fleet.ts", "export default", "export defautl");
    await checkout.commit("broken");
    await checkout.git("branch", "--force", "broken");
    await checkout.git("reset", "--quiet", "--hard", "HEAD~1");
    const { exitCode, stderr } = await drydock(checkout.folder, ["preview", "--base", "broken"]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/The base broken \([0-9a-f]{7}\) does not synthesize, so there is nothing to compare with/);
    expect(stderr).toContain("fleet.ts");
    expect(await checkout.git("worktree", "list")).not.toContain("drydock-base");
  });

  it("says that a revision is unknown, and in a shallow clone how to get it", async () => {
    expect(await drydock(checkout.folder, ["preview", "--base", "nonsense"])).toMatchObject({
      exitCode: 2,
      stderr: "There is no revision nonsense here. Run git fetch, or name one that git log shows with --base.",
    });
    const folder = mkdtempSync(join(tmpdir(), "drydock-shallow-"));
    try {
      checkout.write({ "note.txt": "more" });
      await checkout.commit("second");
      await execa("git", ["clone", "--quiet", "--depth", "1", `file://${checkout.folder}`, "clone"], { cwd: folder });
      const base = await checkout.git("rev-parse", "HEAD~1");
      await execa("ln", ["-s", join(checkout.folder, "node_modules"), join(folder, "clone", "node_modules")]);
      const { exitCode, stderr } = await drydock(join(folder, "clone"), ["preview", "--base", base]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain("This is a shallow clone");
      expect(stderr).toContain("git fetch --unshallow");
    } finally {
      await checkout.git("reset", "--quiet", "--hard", "HEAD~1");
      rmSync(folder, { recursive: true });
    }
  });
});

it("a plan of a newer format is refused: guessing could hide a deletion", () => {
  const text = JSON.stringify({ format_version: "2.0", terraform_version: "2.0.0" });
  expect(() => parsePlan(text)).toThrow("Terraform 2.0.0 prints plans in format 2.0; Drydock reads format 1");
  expect(parsePlan(JSON.stringify({ format_version: "1.99", terraform_version: "1.99.0" }))).toMatchObject({ format_version: "1.99" });
});
