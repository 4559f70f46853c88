import { expect, it } from "vitest";
import { platformOf } from "../../support/platform";

it("binds Traefik's Service to its colour's target group", () => {
  const { values, arguments: args } = platformOf().release("traefik-binding");
  expect(values).toMatchObject({ name: "traefik", service: { name: "traefik", port: 80 } });
  expect(values["targetGroupArn"]).toContain("listener_blue");
  expect(args["namespace"]).toBe("traefik");
});
