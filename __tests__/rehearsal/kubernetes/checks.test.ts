import { stringify } from "yaml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { examine } from "../../../rehearsal/kubernetes/checks";
import { look, type Finding } from "../../../rehearsal/kubernetes/checks/living";
import { roomForPods } from "../../../rehearsal/kubernetes/checks/scheduling";
import { resize } from "../../../rehearsal/kubernetes/cluster-effects";
import type { KubeClient } from "../../../rehearsal/kubernetes/kube-client";
import type { KubeObject } from "../../../rehearsal/kubernetes/kube-objects";
import { leftoversOf } from "../../../rehearsal/kubernetes/leftovers";
import { BUILD_TIMEOUT_MS, deployment, hasGo, TESTED_MINORS } from "../../support/kubernetes";
import { eventually, groupOf, LocalApiFixture } from "../../support/local-api";

/** A release with objects, as Helm would have made them. */
const released = (name: string, ...objects: readonly KubeObject[]) => ({
  cluster: "main",
  name,
  namespace: "checked",
  chart: name,
  version: "1.0.0",
  manifest: objects.map((object) => stringify(object)).join("---\n"),
  installedAt: 0,
  seconds: 1,
});

const owned = (release: string) => ({ "meta.helm.sh/release-name": release });

describe.skipIf(!(await hasGo())).each(TESTED_MINORS)(
  "checks on a living API of %s",
  (minor) => {
    let fixture: LocalApiFixture;
    let client: KubeClient;

    beforeAll(async () => {
      fixture = await LocalApiFixture.open(minor);
      client = fixture.api.client;
      await fixture.namespace("checked", { "pod-security.kubernetes.io/enforce": "restricted" });
    }, BUILD_TIMEOUT_MS);

    afterAll(async () => {
      await fixture.close();
    });

    const web = (name: string, options: Parameters<typeof deployment>[1] & { namespace?: string } = {}): KubeObject => {
      const made = deployment(name, options) as KubeObject;
      return { ...made, metadata: { ...made.metadata, name, namespace: options.namespace ?? "default", annotations: owned(name) } };
    };
    const findings = async (...releases: Parameters<typeof look>[2]): Promise<readonly Finding[]> =>
      examine(await look(client, minor, releases, [groupOf(minor)]));
    const about = async (release: string, check: string): Promise<readonly Finding[]> =>
      (await findings()).filter((finding) => finding.release === release && finding.check === check);

    it("take everything that the API server makes for its own, and not what else is in its namespaces", async () => {
      const service = await client.get("v1", "Service", "kubernetes", "default");
      await client.create({ ...service, metadata: { name: "other", namespace: "default" }, spec: { ports: [{ port: 443 }] } });
      const left = (await leftoversOf(client)).map(({ object }) => object);
      expect(left.filter((object) => !/\bchecked\b/.test(object))).toEqual(["Service default/other"]);
    });

    it("find nothing wrong with a release that is as it should be", async () => {
      await client.create(web("good"));
      await eventually(async () => (await findings()).length === 0, "an untroubled cluster");
      expect(await findings(released("good", web("good")))).toEqual([]);
      await client.delete(web("good"));
    });

    it("find pods that their namespace's security level refuses", async () => {
      await client.create(web("lax", { namespace: "checked" }));
      const [found] = await eventually(async () => {
        const found = await about("lax", "pod security");
        return found.length > 0 && found;
      }, "a finding");
      expect(found?.message).toMatch(/Deployment checked\/lax has 0 of 1 pods ready: .*violates PodSecurity "restricted:latest"/);
      await client.delete(web("lax", { namespace: "checked" }));
    });

    it("find containers that request nothing", async () => {
      await client.create(web("greedy", { pod: { containers: [{ name: "greedy", image: "a" }] } }));
      expect(await about("greedy", "requests")).toMatchObject([
        { severity: "problem", message: "container greedy of Deployment default/greedy requests no CPU or no memory" },
      ]);
      await client.delete(web("greedy"));
    });

    it("find disruption budgets that block drains", async () => {
      await client.create(web("alone"));
      await client.create({
        apiVersion: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata: { name: "alone", namespace: "default", annotations: owned("alone") },
        spec: { minAvailable: 1, selector: { matchLabels: { "app.kubernetes.io/name": "alone" } } },
      });
      const [found] = await eventually(async () => {
        const found = await about("alone", "disruption budget");
        return found.length > 0 && found;
      }, "a finding");
      expect(found?.message).toBe(
        "PodDisruptionBudget default/alone allows no disruption of its 1 pods: a drain of their nodes never ends",
      );
      await client.delete({ apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "alone", namespace: "default" } });
      await client.delete(web("alone"));
    });

    it("find custom resources that the API does not have, and objects in two releases", async () => {
      const monitor: KubeObject = {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "ServiceMonitor",
        metadata: { name: "m", namespace: "default" },
      };
      const shared = web("shared");
      const found = await findings(released("one", monitor, shared), released("two", shared));
      expect(found.map(({ release, check, message }) => [release, check, message])).toEqual([
        ["two", "one owner", "Deployment default/shared is also in the release one"],
        ["one", "custom resources", "ServiceMonitor default/m (monitoring.coreos.com/v1) is in the release and not in the API"],
      ]);
    });

    it("find API versions that are deprecated, in the API's own words", async () => {
      const endpoints: KubeObject = { apiVersion: "v1", kind: "Endpoints", metadata: { name: "e", namespace: "default" } };
      expect(await findings(released("old", endpoints))).toMatchObject([
        {
          release: "old",
          check: "deprecated API",
          severity: "note",
          message: expect.stringContaining("v1 Endpoints is deprecated") as string,
        },
      ]);
    });

    it("find webhooks that fail closed before objects of others", async () => {
      const webhook = (name: string, apiGroup: string, failurePolicy: string): KubeObject => ({
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingWebhookConfiguration",
        metadata: { name, annotations: owned(name) },
        webhooks: [
          {
            name: `${name}.example.org`,
            failurePolicy,
            sideEffects: "None",
            admissionReviewVersions: ["v1"],
            clientConfig: { service: { name: "w", namespace: "default" } },
            rules: [{ apiGroups: [apiGroup], apiVersions: ["*"], operations: ["CREATE"], resources: ["services"] }],
          },
        ],
      });
      const all = [webhook("closed", "", "Fail"), webhook("open", "", "Ignore"), webhook("own", "example.org", "Fail")];
      for (const each of all) await client.create(each);
      expect((await findings()).filter(({ check }) => check === "webhooks")).toEqual([
        {
          release: "closed",
          check: "webhooks",
          severity: "problem",
          message: "closed.example.org fails closed: while its pods are down, nobody can change services",
        },
      ]);
      for (const each of all) await client.delete(each);
    });

    it("find what waits at the declared sizes, with the scheduler's reason", async () => {
      // One node has 1930 millicores: two pods of 1500 need two nodes, three need one more than there may be.
      const pod = { containers: [{ name: "a", image: "a", resources: { requests: { cpu: "1500m", memory: "16Mi" } } }] };
      await client.create(web("big", { replicas: 3, pod }));
      const living = await look(client, minor, [], [groupOf(minor)]);
      const found = await roomForPods(living, (group, size) => resize(client, group, size));
      const at = (check: string) => found.filter((finding) => finding.check === check);
      expect(at("room at maximum size")).toHaveLength(1);
      expect(at("room at maximum size")[0]).toMatchObject({ severity: "problem" });
      expect(at("room at maximum size")[0]?.message).toMatch(/Pod default\/big-\S+ waits: 0\/2 nodes are available: 2 Insufficient cpu/);
      expect(at("room at minimum size")).toHaveLength(2);
      await client.delete(web("big"));
    });

    it("find what was left behind, and what holds it", async () => {
      await fixture.namespace("left");
      const map: KubeObject = {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "held", namespace: "left", finalizers: ["example.org/hold"], annotations: owned("gone") },
      };
      await client.create(map);
      await client.delete(map);
      const left = await leftoversOf(client);
      expect(left).toContainEqual({ object: "ConfigMap left/held", release: "gone", kept: false, finalizers: ["example.org/hold"] });
      expect(left).toContainEqual({ object: "Namespace left", release: "", kept: false, finalizers: [] });
    });
  },
  BUILD_TIMEOUT_MS,
);
