import { expect, it } from "vitest";
import { platformOf } from "../../support/platform";

it("sends each event once: one pod, never two at a time, that may read events", () => {
  const { values } = platformOf().release("alloy-events");
  expect(values).toMatchObject({
    controller: { type: "deployment", replicas: 1, updateStrategy: { type: "Recreate" } },
    rbac: { rules: [{ resources: ["events"] }] },
  });
  expect((values["alloy"] as { configMap: { content: string } }).configMap.content).toContain("loki.source.kubernetes_events");
});

it("has a place to write, where its file system is read-only", () => {
  const { values } = platformOf().release("alloy-events");
  const path = "/var/lib/alloy";
  expect(values).toMatchObject({
    alloy: {
      storagePath: path,
      mounts: { extra: [{ name: "storage", mountPath: path }] },
      securityContext: { readOnlyRootFilesystem: true },
    },
    controller: { volumes: { extra: [{ name: "storage", emptyDir: {} }] } },
  });
});
