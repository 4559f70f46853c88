import { expect, it } from "vitest";
import { platformOf } from "../../support/platform";

it("makes an encrypted default storage class that deletes its volumes, and priorities below Kubernetes' own", () => {
  const { values } = platformOf().release("platform-classes");
  expect(values).toMatchObject({
    storageClass: { name: "gp3", reclaimPolicy: "Delete" },
    priorityClasses: { "platform-critical": 1_000_000_000, platform: 900_000_000 },
  });
  expect(JSON.stringify(values)).toContain("volumes-key");
});

it("keeps volumes where the fleet says so", () => {
  const { values } = platformOf({ "platform-classes": { reclaimPolicy: "Retain" } }).release("platform-classes");
  expect(values).toMatchObject({ storageClass: { reclaimPolicy: "Retain" } });
});

it("keeps the platform of a protected colour: Terraform refuses to plan its end, until protection is lifted", () => {
  const lifecycle = (state: object) =>
    platformOf({}, { cluster: { protect: true }, state: { dev: state } }).release("platform-classes").arguments["lifecycle"];
  const colours = { blue: { kubernetes: "1.36", weight: 100 } };
  expect(lifecycle({ colours })).toEqual({ prevent_destroy: true });
  expect(lifecycle({ colours, liftProtection: true })).toBeUndefined();
});
