import { expect, it } from "vitest";
import { platformOf } from "../../support/platform";

const actions = (platform: object, fleet: object = {}) => platformOf(platform, { fleet }).release("admission-policy").values["actions"];

it("refuses hands where a role may deploy, and warns where hands must", () => {
  expect(actions({})).toEqual(["Warn", "Audit"]);
  expect(actions({}, { github: { repository: "acme/platform" } })).toEqual(["Deny", "Audit"]);
  const access = { admins: ["arn:aws:iam::111122223333:role/admin"], deployers: ["arn:aws:iam::111122223333:role/deployer"] };
  expect(actions({}, { access })).toEqual(["Deny", "Audit"]);
});

it("does what the fleet says instead", () => {
  expect(actions({ "admission-policy": { mode: "deny" } })).toEqual(["Deny", "Audit"]);
  expect(actions({ "admission-policy": { mode: "warn" } }, { github: { repository: "acme/platform" } })).toEqual(["Warn", "Audit"]);
});

it("guards the platform's namespaces", () => {
  expect(platformOf({ "cert-manager": true }).release("admission-policy").values["namespaces"]).toEqual([
    "platform",
    "monitoring",
    "logging",
    "traefik",
    "velero",
    "cert-manager",
  ]);
});

it("guards the scale of what the platform runs in kube-system", () => {
  expect(platformOf().release("admission-policy").values["scalable"]).toEqual(
    expect.arrayContaining(["cluster-autoscaler", "aws-load-balancer-controller", "metrics-server"]),
  );
});
