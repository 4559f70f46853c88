import { expect, it } from "vitest";
import { platformOf } from "../../support/platform";

const { values } = platformOf().release("alloy-logs");
const config = (values["alloy"] as { configMap: { content: string } }).configMap.content;

it("reads the pods of its own node, on every node, and goes on where the last pod ended", () => {
  expect(values).toMatchObject({
    controller: { type: "daemonset", tolerations: [{ operator: "Exists" }], priorityClassName: "system-node-critical" },
    alloy: { storagePath: "/var/lib/alloy", mounts: { varlog: true } },
  });
  expect(config).toContain('"spec.nodeName=" + sys.env("HOSTNAME")');
});

it("marks lines with cluster, namespace, pod and container", () => {
  for (const label of ["namespace", "pod", "container", "app"]) expect(config).toContain(`target_label  = "${label}"`);
  expect(config).toContain('external_labels = { cluster = "tiny-dev-blue" }');
});

it("may read pods and nodes, and no Secret", () => {
  expect(values["rbac"]).toEqual({
    rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }],
    clusterRules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] }],
  });
});
