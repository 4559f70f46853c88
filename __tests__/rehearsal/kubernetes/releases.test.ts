import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PendingReleases } from "../../../rehearsal/kubernetes/pending-releases";
import { releaseStatus } from "../../../rehearsal/kubernetes/release-status";
import { recover } from "../../../rehearsal/recover";
import { StackRuns } from "../../../rehearsal/stack-runs";
import {
  BUILD_TIMEOUT_MS,
  clusterOf,
  deployment,
  hasGo,
  KubernetesFixture,
  release,
  TESTED_MINORS,
  TESTED_UPGRADES,
} from "../../support/kubernetes";
import { eventually } from "../../support/local-api";

const MORE = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "more" } };

describe.skipIf(!(await hasGo())).each(TESTED_MINORS)(
  "releases on a real Kubernetes API of %s",
  (minor) => {
    let fixture: KubernetesFixture;

    beforeAll(async () => {
      fixture = await KubernetesFixture.open(minor);
      await fixture.apply();
    }, BUILD_TIMEOUT_MS);

    afterAll(async () => {
      await fixture.close();
    });

    const client = () => fixture.cluster.api.client;
    const web = () => client().find("apps/v1", "Deployment", "web", "web");
    const emptyPlan = async (): Promise<void> => {
      const { exitCode, output } = await fixture.terraform.terraform("plan", "-detailed-exitcode");
      expect(exitCode, output).toBe(0);
    };

    it("have the node group's nodes: labels, taints, zones, and room for pods", async () => {
      const nodes = await client().list("v1", "Node");
      expect(nodes.map(({ metadata }) => metadata.labels?.["topology.kubernetes.io/zone"]).sort()).toEqual(["eu-west-1a", "eu-west-1b"]);
      const [node] = nodes;
      expect(node?.metadata.labels).toMatchObject({
        "drydock.dev/group": "general",
        "eks.amazonaws.com/capacityType": "SPOT",
        "node.kubernetes.io/instance-type": "m5.large",
      });
      expect(node?.["spec"]).toMatchObject({ taints: [{ key: "dedicated", value: "general", effect: "PreferNoSchedule" }] });
      expect(node?.["status"]).toMatchObject({ capacity: { cpu: "2", pods: "29" }, allocatable: { cpu: "1930m" } });
    });

    it("install, upgrade, plan nothing afterwards, and uninstall", async () => {
      const chart = fixture.chart("web", { "web.yaml": deployment("web") });
      await fixture.apply({ helm_release: { web: release(chart) } });
      expect(await web()).toMatchObject({ status: { availableReplicas: 1 } });
      await emptyPlan();

      fixture.chart("web", { "web.yaml": deployment("web", { replicas: 2 }) }, "1.1.0");
      await fixture.apply({ helm_release: { web: release(chart, { values: ["{replicas: 2}"] }) } });
      expect(await web()).toMatchObject({ status: { availableReplicas: 2 } });
      expect(await fixture.terraform.state("helm_release.web")).toMatchObject({ version: "1.1.0", metadata: { revision: 2 } });
      await emptyPlan();

      await fixture.apply();
      expect(await web()).toBeUndefined();
    });

    it("come back when someone deletes them", async () => {
      const chart = fixture.chart("web", { "web.yaml": deployment("web") });
      await fixture.apply({ helm_release: { web: release(chart) } });
      for (const secret of await client().list("v1", "Secret", { namespace: "web", selector: "owner=helm" })) await client().delete(secret);
      const planned = await fixture.terraform.terraform("plan");
      expect(planned.output).toContain("helm_release.web will be created");
      await fixture.apply({ helm_release: { web: release(chart) } });
      await emptyPlan();
      await fixture.apply();
    });

    it("roll back when they never become ready, say why, and converge with the next run", async () => {
      const chart = fixture.chart("web", { "web.yaml": deployment("web") });
      await fixture.apply({ helm_release: { web: release(chart) } });
      fixture.chart("web", { "web.yaml": deployment("web", { pod: { nodeSelector: { size: "huge" } } }) }, "1.1.0");
      const failed = await fixture.run({ helm_release: { web: release(chart, { values: ["{a: 1}"], timeout: 5 }) } });
      expect(failed.exitCode).toBe(1);
      expect(failed.output).toContain("rolled back");
      expect(failed.output).toMatch(
        /Pod web\/web-\S+ \(Pending\): 0\/2 nodes are available: 2 node\(s\) didn't match Pod's node affinity\/selector/,
      );
      const restored = (await web()) as { spec?: { template: { spec: object } } } | undefined;
      expect(restored?.spec?.template.spec).not.toHaveProperty("nodeSelector");

      fixture.chart("web", { "web.yaml": deployment("web", { replicas: 2 }) }, "1.2.0");
      await fixture.apply({ helm_release: { web: release(chart, { values: ["{a: 2}"] }) } });
      expect(await web()).toMatchObject({ status: { availableReplicas: 2 } });
      await emptyPlan();
      await fixture.apply();
    });

    it("say why they do not become ready also when the Helm of another installs them", async () => {
      const pending = PendingReleases.watch(client());
      try {
        const chart = fixture.chart("web", { "web.yaml": deployment("web") });
        await fixture.apply({ helm_release: { web: release(chart) } });
        expect(await pending.takeFailed()).toEqual([]);
        fixture.chart("web", { "web.yaml": deployment("web", { pod: { nodeSelector: { size: "huge" } } }) }, "1.1.0");
        await fixture.run({ helm_release: { web: release(chart, { values: ["{a: 1}"], timeout: 5 }) } });
        const [failed, ...others] = await pending.takeFailed();
        expect(failed?.release).toBe("web");
        expect(failed?.reasons.join()).toMatch(/Pod web\/web-\S+ \(Pending\): 0\/2 nodes are available/);
        expect(others).toEqual([]);
      } finally {
        pending.stop();
        await fixture.apply();
      }
    });

    it("converge after an answer that was lost in the middle of an install", async () => {
      const chart = fixture.chart("web", { "web.yaml": deployment("web") });
      fixture.terraform.standIn.operations.faults.arm({ kind: "answer-lost", stack: "", type: "helm_release", occurrence: 1 });
      const failed = await fixture.run({ helm_release: { web: release(chart) } });
      expect(failed.output).toContain("connection reset after the object was created");
      await fixture.apply({ helm_release: { web: release(chart) } });
      await emptyPlan();
      await fixture.apply();
    });

    /** Applies a release, and kills Helm in the middle of it. */
    const killed = async (resource: object, status: string): Promise<void> => {
      const run = fixture.run({ helm_release: { web: resource } });
      await eventually(async () => (await releaseStatus(client(), "web", "web").catch(() => undefined)) === status, status, 60);
      const { stdout } = await execa("ps", ["-axo", "pid,command"]);
      const helm = stdout
        .split("\n")
        .find((line) => /\d+ \/\S+\/helm upgrade --install web /.test(line) && line.includes(fixture.terraform.folder));
      process.kill(Number.parseInt(helm ?? "", 10), "SIGKILL");
      expect((await run).exitCode).toBe(1);
      expect(await releaseStatus(client(), "web", "web")).toBe(status);
    };
    const recovered = async () =>
      (await recover(fixture.terraform.standIn, new StackRuns(fixture.terraform.standIn, 1), [], () => undefined)).releases;
    const NEVER_READY = { pod: { nodeSelector: { size: "huge" } } };

    it("left pending by a kill in an upgrade go back to their last revision with recover, and the next run converges", async () => {
      const chart = fixture.chart("web", { "web.yaml": deployment("web") });
      await fixture.apply({ helm_release: { web: release(chart) } });
      fixture.chart("web", { "web.yaml": deployment("web", NEVER_READY), "more.yaml": MORE }, "1.1.0");
      await killed(release(chart, { values: ["{a: 1}"], timeout: 600 }), "pending-upgrade");
      const stuck = await fixture.run({ helm_release: { web: release(chart, { values: ["{a: 1}"] }) } });
      expect(stuck.output).toContain("another operation (install/upgrade/rollback) is in progress");

      expect(await recovered()).toEqual([{ cluster: "main", namespace: "web", name: "web", was: "pending-upgrade", revision: 1 }]);
      expect(await recovered()).toEqual([]);
      expect(await client().find("v1", "ConfigMap", "more", "web")).toBeUndefined();
      fixture.chart("web", { "web.yaml": deployment("web", { replicas: 2 }) }, "1.2.0");
      await fixture.apply({ helm_release: { web: release(chart, { values: ["{a: 2}"] }) } });
      expect(await web()).toMatchObject({ status: { availableReplicas: 2 } });
      await emptyPlan();
      await fixture.apply();
    });

    it("left pending by a kill in their installation go with recover, and the next run installs them", async () => {
      const chart = fixture.chart("web", { "web.yaml": deployment("web", NEVER_READY) });
      await killed(release(chart, { timeout: 600 }), "pending-install");
      expect(await recovered()).toEqual([{ cluster: "main", namespace: "web", name: "web", was: "pending-install", revision: undefined }]);
      expect(await web()).toBeUndefined();
      fixture.chart("web", { "web.yaml": deployment("web") }, "1.1.0");
      await fixture.apply({ helm_release: { web: release(chart) } });
      await emptyPlan();
      await fixture.apply();
    });

    it("show a right that is missing", async () => {
      const withoutRight = Object.fromEntries(
        Object.entries(clusterOf(minor)).filter(([type]) => type !== "aws_eks_access_policy_association"),
      );
      const chart = fixture.chart("web", { "web.yaml": deployment("web") });
      fixture.terraform.write(
        { ...withoutRight, helm_release: { web: release(chart, { depends_on: ["aws_eks_node_group.general"] }) } },
        fixture.providers,
      );
      const { exitCode, output } = await fixture.terraform.terraform("apply", "-auto-approve");
      expect(exitCode).toBe(1);
      expect(output).toContain('User "arn:aws:iam::111122223333:role/deploy" cannot');
      await fixture.apply();
    });

    it("say that the API is gone when etcd is killed", async () => {
      process.kill(fixture.cluster.api.pids.get("etcd") ?? 0, "SIGKILL");
      const chart = fixture.chart("web", { "web.yaml": deployment("web") });
      const { exitCode, output } = await fixture.run({ helm_release: { web: release(chart) } });
      expect(exitCode).toBe(1);
      expect(output).toContain("The Kubernetes API of main is gone: etcd ended (signal: killed)");
    });
  },
  BUILD_TIMEOUT_MS,
);

describe.skipIf(!(await hasGo())).each(TESTED_UPGRADES)(
  "an upgrade in place from $from to $to",
  ({ from, to }) => {
    let fixture: KubernetesFixture;

    beforeAll(async () => {
      fixture = await KubernetesFixture.open(from);
    }, BUILD_TIMEOUT_MS);

    afterAll(async () => {
      await fixture.close();
    });

    it("keeps what runs, upgrades releases and nodes with it, and leaves nothing at the end", async () => {
      const chart = fixture.chart("web", { "web.yaml": deployment("web") });
      await fixture.apply({ helm_release: { web: release(chart) } });
      const { api } = fixture.cluster;
      const before = await api.client.get("apps/v1", "Deployment", "web", "web");
      expect(await api.client.call("GET", "/version")).toMatchObject({ minor: from.split(".")[1] });

      fixture.minor = to;
      await fixture.apply({ helm_release: { web: release(chart, { values: ["{replicas: 2}"] }) } });
      expect(await api.client.call("GET", "/version")).toMatchObject({ gitVersion: api.version, minor: to.split(".")[1] });
      const after = await api.client.get("apps/v1", "Deployment", "web", "web");
      expect(after.metadata.uid).toBe(before.metadata.uid);
      const nodes = await api.client.list("v1", "Node");
      expect(nodes.map(({ status }) => (status as { nodeInfo?: { kubeletVersion: string } }).nodeInfo?.kubeletVersion)).toEqual([
        `v${to}.0`,
        `v${to}.0`,
      ]);
      // The new controllers and the new scheduler work.
      await api.client.merge(after, { spec: { replicas: 3 } });
      await eventually(async () => {
        const { status } = await api.client.get("apps/v1", "Deployment", "web", "web");
        return (status as { availableReplicas?: number } | undefined)?.availableReplicas === 3;
      }, "three available pods");
      const planned = await fixture.terraform.terraform("plan", "-detailed-exitcode");
      expect(planned.exitCode, planned.output).toBe(0);

      const { clusters } = fixture.terraform.standIn.kubernetes ?? {};
      const destroyed = await fixture.terraform.terraform("destroy", "-auto-approve");
      expect(destroyed.exitCode, destroyed.output).toBe(0);
      const ended = clusters?.takeEnded() ?? [];
      expect(ended.map(({ cluster }) => cluster)).toEqual(["main"]);
      // Helm keeps a namespace that it made. What the newer minor made of its own is none of the releases'.
      expect(ended.flatMap(({ leftovers }) => leftovers.map(({ object }) => object)).sort()).toEqual([
        "ConfigMap web/kube-root-ca.crt",
        "Namespace web",
        "ServiceAccount web/default",
      ]);
    });
  },
  BUILD_TIMEOUT_MS,
);
