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
