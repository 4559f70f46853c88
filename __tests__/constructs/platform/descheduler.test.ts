import { expect, it } from "vitest";
import { platformOf } from "../../support/platform";

it("looks again and again from one pod, as often as the fleet says", () => {
  const { values } = platformOf({ descheduler: { everyMinutes: 30 } }).release("descheduler");
  expect(values).toMatchObject({ kind: "Deployment", replicas: 1, deschedulingInterval: "30m" });
});

it("levels no load: it would move pods to nodes that the autoscaler is about to remove", () => {
  const text = JSON.stringify(platformOf({ descheduler: true }).release("descheduler").values["deschedulerPolicy"]);
  expect(text).toContain("RemovePodsViolatingTopologySpreadConstraint");
  expect(text).not.toContain("NodeUtilization");
});
