import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BUILD_TIMEOUT_MS, deployment, hasGo, KubernetesFixture, release } from "../../support/kubernetes";

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

    it("has the node group's nodes: labels, taints, zones, and room for pods", async () => {
      const nodes = await fixture.cluster.api.client.list("v1", "Node");
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

    it("installs, upgrades, plans nothing afterwards, and uninstalls", async () => {
      const { client } = fixture.cluster.api;
      const chart = fixture.chart("web", { "web.yaml": deployment("web") });
      await fixture.apply({ helm_release: { web: release(chart) } });
      expect(await client.get("apps/v1", "Deployment", "web", "web")).toMatchObject({ status: { availableReplicas: 1 } });
      expect((await fixture.terraform.terraform("plan", "-detailed-exitcode")).exitCode).toBe(0);

      fixture.chart("web", { "web.yaml": deployment("web", { replicas: 2 }) }, "1.1.0");
      await fixture.apply({ helm_release: { web: release(chart, { values: ["{replicas: 2}"] }) } });
      expect(await client.get("apps/v1", "Deployment", "web", "web")).toMatchObject({ status: { availableReplicas: 2 } });
      expect(await fixture.terraform.state("helm_release.web")).toMatchObject({ version: "1.1.0", metadata: { revision: 2 } });

      await fixture.apply();
      expect(await client.find("apps/v1", "Deployment", "web", "web")).toBeUndefined();
    });
  },
  BUILD_TIMEOUT_MS,
);
