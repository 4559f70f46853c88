import { expect, it } from "vitest";
import { identityOf, platformOf } from "../../support/platform";

const platform = platformOf({ "cert-manager": true });

it("keeps its definitions, and with them every certificate, when it goes", () => {
  expect(platform.release("cert-manager").values).toMatchObject({ crds: { enabled: true, keep: true } });
});

it("keeps its webhook answering while a node is replaced", () => {
  expect(platform.release("cert-manager").values).toMatchObject({ webhook: { replicaCount: 2, podDisruptionBudget: { enabled: true } } });
  // A budget of one pod would block every drain.
  const { values } = platformOf({ "cert-manager": { replicas: 1 } }).release("cert-manager");
  expect(values).toMatchObject({ webhook: { replicaCount: 1, podDisruptionBudget: { enabled: false } } });
});

it("has an identity to prove the domain with, only where it is installed", () => {
  expect(identityOf(platform, "cert-manager")).toBe("cert-manager/cert-manager");
  expect(identityOf(platformOf(), "cert-manager")).toBe("undefined/undefined");
});
