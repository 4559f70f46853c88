import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recover } from "../../../rehearsal/recover";
import { StackRuns } from "../../../rehearsal/stack-runs";
import { BUILD_TIMEOUT_MS, CLUSTER, deployment, hasGo, KubernetesFixture, release } from "../../support/kubernetes";

describe.skipIf(!(await hasGo()))(
  "releases on a real Kubernetes API",
  () => {
    let fixture: KubernetesFixture;

    beforeAll(async () => {
      fixture = await KubernetesFixture.open();
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

    it("converge after an answer that was lost in the middle of an install", async () => {
      const chart = fixture.chart("web", { "web.yaml": deployment("web") });
      fixture.terraform.standIn.operations.faults.arm({ kind: "answer-lost", stack: "", type: "helm_release", occurrence: 1 });
      const failed = await fixture.run({ helm_release: { web: release(chart) } });
      expect(failed.output).toContain("connection reset after the object was created");
      await fixture.apply({ helm_release: { web: release(chart) } });
      await emptyPlan();
      await fixture.apply();
    });

    it("left pending by a kill are mended by recover", async () => {
      const chart = fixture.chart("web", { "web.yaml": deployment("web") });
      await fixture.apply({ helm_release: { web: release(chart) } });
      const [first] = await client().list("v1", "Secret", { namespace: "web", selector: "owner=helm" });
      if (!first) throw new Error("Helm keeps no secret");
      // What Helm leaves that was killed while it upgraded: one more revision, which waits for ever.
      await client().create({
        ...first,
        metadata: {
          name: "sh.helm.release.v1.web.v2",
          namespace: "web",
          labels: { ...first.metadata.labels, status: "pending-upgrade", version: "2" },
        },
      });
      const values = { values: ["{a: 1}"] };
      const stuck = await fixture.run({ helm_release: { web: release(chart, values) } });
      expect(stuck.exitCode).toBe(1);

      const { standIn } = fixture.terraform;
      const { releases } = await recover(standIn, new StackRuns(standIn, 1), [], () => undefined);
      expect(releases).toEqual([{ namespace: "web", name: "web", was: "pending-upgrade", revision: 1 }]);
      await fixture.apply({ helm_release: { web: release(chart, values) } });
      await emptyPlan();
      await fixture.apply();
    });

    it("show a right that is missing", async () => {
      const withoutRight = Object.fromEntries(Object.entries(CLUSTER).filter(([type]) => type !== "aws_eks_access_policy_association"));
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
