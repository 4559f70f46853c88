import { expect, it } from "vitest";
import { platformOf } from "../../support/platform";

it("looks again and again from one pod, as often as the fleet says", () => {
  const { values } = platformOf({ descheduler: { everyMinutes: 30 } }).release("descheduler");
  expect(values).toMatchObject({ kind: "Deployment", replicas: 1, deschedulingInterval: "30m" });
});
