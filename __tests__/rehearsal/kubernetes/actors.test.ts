import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Actors } from "../../../rehearsal/kubernetes/actors";
import { RUN_ANNOTATION } from "../../../rehearsal/kubernetes/actors/hook-jobs";
import { Mirror } from "../../../rehearsal/kubernetes/actors/mirror";
import { suits } from "../../../rehearsal/kubernetes/actors/node-pressure";
import type { KubeClient } from "../../../rehearsal/kubernetes/kube-client";
import type { KubeObject, Pod } from "../../../rehearsal/kubernetes/kube-objects";
import { definition } from "../../../rehearsal/kubernetes/stubs/definitions";
import { parse } from "yaml";
import { ROOT } from "../../support/checkout";
import { BUILD_TIMEOUT_MS, deployment, hasGo, MINOR, TESTED_MINORS } from "../../support/kubernetes";
import { eventually, groupOf, LocalApiFixture } from "../../support/local-api";

const DEFINITIONS = [
  "targetgroupbindings.elbv2.k8s.aws",
  "prometheuses.monitoring.coreos.com",
  "backups.velero.io",
  "restores.velero.io",
  "backupstoragelocations.velero.io",
];

const phaseOf = (object: KubeObject | undefined): string | undefined => (object?.["status"] as { phase?: string } | undefined)?.phase;

describe.skipIf(!(await hasGo())).each(TESTED_MINORS)(
  "actors on %s",
  (minor) => {
    let fixture: LocalApiFixture;
    let client: KubeClient;
    let actors: Actors;

    const controller = (name: string, image: string) =>
      client.create({ ...(deployment(name, { image }) as KubeObject), metadata: { name, namespace: "default" } });
    const inDefault = (apiVersion: string, kind: string, name: string, rest: object = {}): KubeObject => ({
      apiVersion,
      kind,
      metadata: { name, namespace: "default" },
      ...rest,
    });

    beforeAll(async () => {
      fixture = await LocalApiFixture.open(minor);
      client = fixture.api.client;
      for (const name of DEFINITIONS) await client.create(parse(definition(name)) as KubeObject);
      await client.create({
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name: "gp3" },
        provisioner: "ebs.csi.aws.com",
        volumeBindingMode: "WaitForFirstConsumer",
        reclaimPolicy: "Delete",
      });
      actors = Actors.start(fixture.stage);
    }, BUILD_TIMEOUT_MS);

    afterAll(async () => {
      actors.stop();
      await fixture.close();
    });

    const claim = { accessModes: ["ReadWriteOnce"], storageClassName: "gp3", resources: { requests: { storage: "1Gi" } } };

    it("volumes: a claim gets one in its pod's zone, and the volume outlives the claim for a moment", async () => {
      await client.create(inDefault("v1", "PersistentVolumeClaim", "data", { spec: claim }));
      await client.create(
        inDefault("v1", "Pod", "user", {
          spec: {
            containers: [{ name: "a", image: "a", volumeMounts: [{ name: "data", mountPath: "/data" }] }],
            volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
          },
        }),
      );
      const bound = await eventually(async () => {
        const found = await client.find("v1", "PersistentVolumeClaim", "data", "default");
        return phaseOf(found) === "Bound" && found;
      }, "a bound claim");
      const { volumeName } = bound["spec"] as { volumeName: string };
      expect(JSON.stringify(await client.get("v1", "PersistentVolume", volumeName))).toContain('"values":["eu-west-1a"]');
      await client.delete(inDefault("v1", "Pod", "user"));
      await client.delete(inDefault("v1", "PersistentVolumeClaim", "data"));
      await eventually(async () => !(await client.find("v1", "PersistentVolumeClaim", "data", "default")), "the claim's end");
      expect(await client.find("v1", "PersistentVolume", volumeName)).toBeDefined();
      await eventually(async () => !(await client.find("v1", "PersistentVolume", volumeName)), "the volume's end");
    });

    it("load balancers: a binding is held only while its controller runs, and hangs without it", async () => {
      const binding = inDefault("elbv2.k8s.aws/v1beta1", "TargetGroupBinding", "web", { spec: {} });
      await controller("lbc", "public.ecr.aws/eks/aws-load-balancer-controller:v3.5.0");
      await client.create(binding);
      const read = () => client.find("elbv2.k8s.aws/v1beta1", "TargetGroupBinding", "web", "default");
      await eventually(async () => (await read())?.metadata.finalizers?.includes("elbv2.k8s.aws/resources"), "a finalizer");

      await client.delete(inDefault("apps/v1", "Deployment", "lbc"));
      await client.delete(binding);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(await read()).toBeDefined();
      await controller("lbc", "public.ecr.aws/eks/aws-load-balancer-controller:v3.5.0");
      await eventually(async () => !(await read()), "the binding's end");
    });

    it("operators: a Prometheus becomes a StatefulSet with its claims, and takes it along", async () => {
      await controller("operator", "quay.io/prometheus-operator/prometheus-operator:v1");
      const prometheus = inDefault("monitoring.coreos.com/v1", "Prometheus", "main", {
        spec: { replicas: 1, storage: { volumeClaimTemplate: { spec: claim } }, resources: { requests: { cpu: "10m", memory: "16Mi" } } },
      });
      await client.create(prometheus);
      const set = () => client.find("apps/v1", "StatefulSet", "prometheus-main", "default");
      await eventually(
        async () => ((await set())?.["status"] as { readyReplicas?: number } | undefined)?.readyReplicas === 1,
        "a ready pod",
      );
      await client.delete(prometheus);
      // The garbage collector learns of new kinds every half minute.
      await eventually(async () => !(await set()), "the StatefulSet's end", 60);
    });

    it("velero: a backup copies objects, and a restore brings them back", async () => {
      await controller("velero", "docker.io/velero/velero:v1.18.1");
      const location = (name: string, accessMode: string) =>
        client.create(
          inDefault("velero.io/v1", "BackupStorageLocation", name, { spec: { accessMode, objectStorage: { bucket: "b", prefix: name } } }),
        );
      await location("own", "ReadWrite");
      await location("other", "ReadOnly");
      await fixture.namespace("app");
      const map: KubeObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "kept", namespace: "app" }, data: { a: "1" } };
      await client.create(map);

      const backup = (name: string, storageLocation: string) =>
        client.create(inDefault("velero.io/v1", "Backup", name, { spec: { storageLocation, includedNamespaces: ["app"] } }));
      const phase = async (kind: string, name: string) => phaseOf(await client.find("velero.io/v1", kind, name, "default"));
      await backup("b1", "own");
      await backup("b2", "other");
      await eventually(async () => (await phase("Backup", "b1")) === "Completed", "a finished backup");
      await eventually(async () => (await phase("Backup", "b2")) === "FailedValidation", "a refusal by the read-only location");

      await client.delete(map);
      await client.create(inDefault("velero.io/v1", "Restore", "r1", { spec: { backupName: "b1" } }));
      await eventually(async () => (await phase("Restore", "r1")) === "Completed", "a finished restore");
      expect(await client.get("v1", "ConfigMap", "kept", "app")).toMatchObject({ data: { a: "1" } });
    });

    it("velero: holds a restore, which the restore guard's own command takes away while it runs", async () => {
      await client.create(inDefault("velero.io/v1", "Restore", "r2", { spec: { backupName: "b1" } }));
      const restores = () => client.list("velero.io/v1", "Restore", { namespace: "default" });
      await eventually(async () => (await restores()).every(({ metadata }) => metadata.finalizers?.length === 1), "a finalizer");
      const chart = join(ROOT, "local-charts", "restore-guard");
      const installed = await fixture.helm(["install", "guard", chart, "-n", "default", "--set", "image=example.org/kubectl:1"]);
      expect(installed.exitCode, installed.output).toBe(0);
      const removed = await fixture.helm(["uninstall", "guard", "-n", "default", "--wait"]);
      expect(removed.exitCode, removed.output).toBe(0);
      expect(await restores()).toEqual([]);
      expect(actors.jobs.history.find(({ pod }) => pod.includes("restore-guard"))).toMatchObject({
        real: true,
        exitCode: 0,
        output: expect.stringContaining('"r2" deleted') as string,
      });
    });

    it("jobs: those of our own charts run for real, with their account's rights, and fail for real", async () => {
      const job = (name: string, command: string) =>
        client.create(
          inDefault("batch/v1", "Job", name, {
            spec: {
              backoffLimit: 0,
              template: {
                metadata: { annotations: { [RUN_ANNOTATION]: "true" } },
                spec: { restartPolicy: "Never", containers: [{ name: "run", image: "kubectl", command: ["/bin/sh", "-ec", command] }] },
              },
            },
          }),
        );
      await job("allowed", "kubectl version; echo done");
      await job("forbidden", "kubectl get secrets --all-namespaces");
      const status = async (name: string) =>
        (await client.get("batch/v1", "Job", name, "default"))["status"] as { succeeded?: number; failed?: number };
      await eventually(async () => (await status("allowed")).succeeded === 1, "a job that succeeds");
      await eventually(async () => (await status("forbidden")).failed === 1, "a job that fails");
      const run = actors.jobs.history.find(({ pod }) => pod.includes("forbidden"));
      expect(run).toMatchObject({ real: true });
      expect(run?.output).toContain('User "system:serviceaccount:default:default" cannot list resource "secrets"');
      expect(run?.output).not.toContain("eyJ");
    });

    it("see kinds that appear later, what goes, and what changed while nobody watched", async () => {
      const mirror = new Mirror(client);
      const names = async () => (await mirror.list("velero.io/v1", "Schedule")).map(({ metadata }) => metadata.name).sort();
      const schedule = (name: string) => inDefault("velero.io/v1", "Schedule", name, { spec: { schedule: "@daily", template: {} } });
      expect(await names()).toEqual([]);
      await client.create(parse(definition("schedules.velero.io")) as KubeObject);
      await eventually(async () => client.create(schedule("first")).catch(() => undefined), "the kind to be served");
      await eventually(async () => (await names()).join() === "first", "the new kind to be seen");
      await client.create(schedule("second"));
      await eventually(async () => (await names()).join() === "first,second", "the second to be seen");
      await client.delete(schedule("first"));
      await eventually(async () => (await names()).join() === "second", "the first to be gone");
      // Its definition takes the watch along; what is asked afterwards begins anew.
      await client.delete({
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: "schedules.velero.io" },
      });
      await eventually(async () => (await names()).length === 0, "the kind to be gone");
      mirror.stop();
    });

    it("are named with what they simulate, and ran into nothing", () => {
      expect(Object.keys(actors.simulated)).toEqual(["jobs", "volumes", "load balancers", "operators", "velero", "node pressure"]);
      expect([...actors.problems]).toEqual([]);
    });
  },
  BUILD_TIMEOUT_MS,
);

describe("a node group suits a pod", () => {
  const pod = (spec: object) => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { containers: [], ...spec } }) as Pod;
  const group = groupOf(MINOR);
  const tainted = { ...group, taints: [{ key: "gpu", value: "true", effect: "NoSchedule" }] };

  it.each([
    ["whose labels it has", group, { nodeSelector: { "drydock.dev/group": "general" } }, true],
    ["but not one that selects another", group, { nodeSelector: { "drydock.dev/group": "system" } }, false],
    ["but not one that its taint keeps off", tainted, {}, false],
    ["that tolerates its taint", tainted, { tolerations: [{ key: "gpu", operator: "Exists" }] }, true],
    ["that tolerates everything", tainted, { tolerations: [{ operator: "Exists" }] }, true],
    ["but not one that tolerates another value", tainted, { tolerations: [{ key: "gpu", value: "false" }] }, false],
  ])("%s", (_, group, spec, expected) => {
    expect(suits(group, pod(spec))).toBe(expected);
  });
});
