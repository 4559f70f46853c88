import { expect, it } from "vitest";
import { platformOf } from "../../support/platform";

it("survives the loss of a node: two pods, apart, one of which may be evicted", () => {
  const { values } = platformOf().release("metrics-server");
  expect(values).toMatchObject({ replicas: 2, podDisruptionBudget: { enabled: true, maxUnavailable: 1 } });
  expect(JSON.stringify(values["topologySpreadConstraints"])).toContain("topology.kubernetes.io/zone");
  expect(platformOf({ "metrics-server": { replicas: 3 } }).release("metrics-server").values).toMatchObject({ replicas: 3 });
});
