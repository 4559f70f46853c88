import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KubeClient } from "../../../rehearsal/kubernetes/kube-client";
import type { KubeObject } from "../../../rehearsal/kubernetes/kube-objects";
import { ROOT } from "../../support/checkout";
import { BUILD_TIMEOUT_MS, hasGo, TESTED_MINORS, writeChart } from "../../support/kubernetes";
import { eventually, LocalApiFixture } from "../../support/local-api";

const POLICY = join(ROOT, "local-charts", "admission-policy");

const configMap = (name: string, namespace: string, color = "red"): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace },
  data: { color },
});

describe.skipIf(!(await hasGo())).each(TESTED_MINORS)(
  "edits by hand on %s",
  (minor) => {
    let fixture: LocalApiFixture;
    let admin: KubeClient;
    /** Everybody may do everything as far as rights go; only the policy tells them apart. */
    const as = (user: string, ...groups: string[]): KubeClient => admin.as(user, [...groups, "system:masters"]);
    const hand = () => as("arn:aws:iam::111122223333:role/admin", "drydock:admins");
    const deploy = () => as("arn:aws:iam::111122223333:role/deploy", "drydock:deploy");
    const breakGlass = () => as("arn:aws:iam::111122223333:role/break-glass", "drydock:break-glass");

    beforeAll(async () => {
      fixture = await LocalApiFixture.open(minor);
      admin = fixture.api.client;
      await fixture.namespace("guarded");
      await fixture.namespace("free");
      await admin.create(configMap("made", "guarded"));
      const installed = await fixture.helm(["install", "policy", POLICY, "-n", "free", "--set", "namespaces={guarded}", "--wait"]);
      expect(installed.exitCode, installed.output).toBe(0);
      // A policy takes effect a moment after it exists.
      await eventually(
        () =>
          hand()
            .create(configMap("probe", "guarded"), "?dryRun=All")
            .then(
              () => false,
              () => true,
            ),
        "the policy's effect",
      );
    }, BUILD_TIMEOUT_MS);

    afterAll(async () => {
      await fixture.close();
    });

    it("are refused in the platform's namespaces, each verb, with what to do instead", async () => {
      const refusal = /refused: the platform made it, and the next deploy would undo this\. Change the fleet instead/;
      await expect(hand().create(configMap("new", "guarded"))).rejects.toThrow(refusal);
      await expect(hand().replace(configMap("made", "guarded", "blue"))).rejects.toThrow(refusal);
      await expect(hand().merge(configMap("made", "guarded"), { data: { color: "blue" } })).rejects.toThrow(refusal);
      await expect(hand().apply(configMap("made", "guarded", "blue"))).rejects.toThrow(refusal);
      await expect(hand().delete(configMap("made", "guarded"))).rejects.toThrow(refusal);
      await expect(hand().delete({ apiVersion: "v1", kind: "Namespace", metadata: { name: "guarded" } })).rejects.toThrow(refusal);
      expect(await admin.get("v1", "ConfigMap", "made", "guarded")).toMatchObject({ data: { color: "red" } });
    });

    it("are refused to Helm too, and leave no half release", async () => {
      const chart = writeChart(fixture.folder, "mine", { "map.yaml": { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "mine" } } });
      const asHand = ["--kube-as-user", "hand", "--kube-as-group", "system:masters"];
      const upgrade = await fixture.helm(["upgrade", "--install", "mine", chart, "-n", "guarded", ...asHand]);
      expect(upgrade.exitCode).not.toBe(0);
      expect(upgrade.output).toContain("refused");
      expect(await admin.list("v1", "Secret", { namespace: "guarded", selector: "owner=helm" })).toEqual([]);
    });

    it("are free elsewhere", async () => {
      await hand().create(configMap("new", "free"));
      await hand().delete(configMap("new", "free"));
    });

    it("do not keep the deploy role, controllers and EKS from working", async () => {
      const passing = [
        deploy(),
        as("system:serviceaccount:kube-system:deployment-controller", "system:serviceaccounts", "system:serviceaccounts:kube-system"),
        as("system:serviceaccount:guarded:operator", "system:serviceaccounts", "system:serviceaccounts:guarded"),
        as("eks:addon-manager"),
        as("system:node:ip-10-0-0-1", "system:nodes"),
      ];
      for (const [index, client] of passing.entries()) {
        await client.create(configMap(`by-${index}`, "guarded"));
        await client.replace(configMap(`by-${index}`, "guarded", "blue"));
        await client.delete(configMap(`by-${index}`, "guarded"));
      }
    });

    it("let real controllers make pods of what was deployed", async () => {
      await deploy().create({
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "web", namespace: "guarded" },
        spec: {
          selector: { matchLabels: { app: "web" } },
          template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "web" }] } },
        },
      });
      await eventually(async () => {
        const web = await admin.get("apps/v1", "Deployment", "web", "guarded");
        return (web["status"] as { availableReplicas?: number } | undefined)?.availableReplicas === 1;
      }, "an available pod");
    });

    it("pass with break-glass, and the audit log says who did what", async () => {
      await breakGlass().replace(configMap("made", "guarded", "green"));
      const annotation = await eventually(async () => {
        await Promise.resolve();
        return readFileSync(fixture.api.auditLog, "utf8")
          .split("\n")
          .find((line) => line.includes("/break-glass") && line.includes("role/break-glass did UPDATE on configmaps guarded/made"));
      }, "an audit annotation");
      expect(annotation).toContain("drydock-platform-namespaces/break-glass");
    });
  },
  BUILD_TIMEOUT_MS,
);
