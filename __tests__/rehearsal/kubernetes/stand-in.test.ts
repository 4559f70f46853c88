import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KubeClient } from "../../../rehearsal/kubernetes/kube-client";
import { releaseStatus } from "../../../rehearsal/kubernetes/release-status";
import { copyCheckout } from "../../support/checkout";
import { drydock, SMALL_FLEET } from "../../support/drydock";
import { BUILD_TIMEOUT_MS, clusterOf, deployment, hasGo, MINOR, PROVIDERS, release, writeChart } from "../../support/kubernetes";
import { eventually } from "../../support/local-api";

const READY = { "web.yaml": deployment("web") };
const NEVER_READY = { "web.yaml": deployment("web", { pod: { nodeSelector: { size: "huge" } } }) };

// Each test goes on where the one before it ended, as a person's day does.
describe.skipIf(!(await hasGo()))(
  "a stand-in on real Kubernetes APIs",
  () => {
    let checkout = "";
    const standIn = (...path: string[]) => join(checkout, ".drydock", "stand-in", ...path);
    const kept = (...path: string[]) => standIn("kubernetes", "clusters", ...path);

    beforeAll(() => {
      checkout = copyCheckout();
      writeFileSync(join(checkout, "fleet.ts"), SMALL_FLEET);
      writeFileSync(join(checkout, "fleet.state.json"), JSON.stringify({ dev: { colours: { blue: { kubernetes: MINOR, weight: 100 } } } }));
    });

    afterAll(() => {
      rmSync(checkout, { recursive: true, force: true });
    });

    /** Writes a program of a cluster and a release, and answers with the command that applies it. */
    const program = (templates: typeof READY, version: string): string => {
      const chart = writeChart(join(checkout, "charts-of-the-test"), "web", templates, version);
      const folder = join(checkout, "stack");
      mkdirSync(folder, { recursive: true });
      const { terraform, provider } = PROVIDERS;
      const backend = { local: { path: standIn("state", "stack.tfstate") } };
      const resource = { ...clusterOf(MINOR), helm_release: { web: release(chart, { timeout: 600, values: [`{version: ${version}}`] }) } };
      writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify({ terraform: { ...terraform, backend }, provider, resource }));
      return `cd ${folder} && terraform init -input=false && terraform apply -auto-approve -no-color`;
    };
    const run = (...command: string[]) => drydock(checkout, ["stand-in", "--kubernetes", "--", ...command]);

    /** The cluster's API as its administrator sees it while it runs. */
    const client = (): KubeClient => {
      const key = (file: string) => readFileSync(kept("main", "keys", file), "utf8");
      return KubeClient.of({
        endpoint: `https://127.0.0.1:${readFileSync(kept("main", "port"), "utf8")}`,
        authority: key("ca.crt"),
        credentials: { certificate: key("admin.crt"), key: key("admin.key") },
      });
    };

    /** Processes that have to do with this checkout. */
    const processes = async (): Promise<readonly string[]> =>
      (await execa("ps", ["-axo", "pid,command"])).stdout.split("\n").filter((line) => line.includes(checkout));

    it("installs a release, and keeps what is in the cluster when it ends", async () => {
      const { exitCode, stdout, stderr } = await run("sh", "-c", program(READY, "1.0.0"));
      expect(exitCode, stdout + stderr).toBe(0);
      expect(await processes()).toEqual([]);
      expect(readdirSync(kept("main")).sort()).toEqual(["etcd", "keys", "port"]);
      expect(existsSync(kept("main", "keys", "admin.key"))).toBe(true);
    });

    it("is refused without them from then on", async () => {
      for (const command of [["recover"], ["stand-in", "--", "true"]]) {
        const { exitCode, stderr } = await drydock(checkout, command);
        expect(exitCode).toBe(2);
        expect(stderr).toBe("The cluster main was made with --kubernetes, and what is in it is in its API. Add --kubernetes.");
      }
    });

    it("leaves nothing running when it is killed in the middle of an upgrade", async () => {
      const apply = program(NEVER_READY, "1.1.0");
      const child = execa(process.execPath, [join(checkout, "bin", "drydock.cjs"), "stand-in", "--kubernetes", "--", "sh", "-c", apply], {
        cwd: checkout,
        reject: false,
        stdin: "ignore",
        stdout: "ignore",
        stderr: "ignore",
      });
      const pending = async () => (await releaseStatus(client(), "web", "web").catch(() => undefined)) === "pending-upgrade";
      await eventually(pending, "an upgrade", 120);
      child.kill("SIGKILL");
      await child;
      await eventually(async () => (await processes()).length === 0, "the end of Terraform, Helm and the API", 60);
    });

    it("recover mends the release that the kill left pending", async () => {
      const { exitCode, stdout, stderr } = await drydock(checkout, ["recover", "--kubernetes", "--json"]);
      expect(exitCode, stderr).toBe(0);
      const { releases } = JSON.parse(stdout) as { releases: readonly object[] };
      expect(releases).toEqual([{ cluster: "main", namespace: "web", name: "web", was: "pending-upgrade", revision: 1 }]);
      expect((await drydock(checkout, ["recover", "--kubernetes"])).stdout).toMatch(/^There is nothing to recover/);
    });

    it("converges with the next run", async () => {
      const { exitCode, stdout, stderr } = await run(
        "sh",
        "-c",
        `${program(READY, "1.2.0")} && terraform plan -detailed-exitcode -no-color`,
      );
      expect(exitCode, stdout + stderr).toBe(0);
      expect(stdout).toContain("0 added, 1 changed, 0 destroyed");
    });

    it("keeps nothing of a cluster that was destroyed, and is whole without --kubernetes again", async () => {
      const { exitCode, stdout, stderr } = await run("sh", "-c", `cd ${join(checkout, "stack")} && terraform destroy -auto-approve`);
      expect(exitCode, stdout + stderr).toBe(0);
      expect(readdirSync(kept())).toEqual([]);
      expect((await drydock(checkout, ["stand-in", "--", "true"])).exitCode).toBe(0);
    });

    it("is refused over clusters that were only played", async () => {
      const targets = "-target=aws_eks_cluster.main";
      const made = await drydock(checkout, ["stand-in", "--", "sh", "-c", `${program(READY, "1.3.0")} ${targets}`]);
      expect(made.exitCode, made.stdout + made.stderr).toBe(0);
      const { exitCode, stderr } = await run("true");
      expect(exitCode).toBe(2);
      expect(stderr).toContain("The cluster main was made without --kubernetes, so there is no API of it.");
    });
  },
  BUILD_TIMEOUT_MS,
);
