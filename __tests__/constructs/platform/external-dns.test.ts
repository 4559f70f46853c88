import { expect, it } from "vitest";
import { identityOf, platformOf, rightsOf } from "../../support/platform";

const platform = platformOf({ "external-dns": { sources: ["ingress", "service"] } });

it("never deletes a record, and both colours own the same ones", () => {
  expect(platform.release("external-dns").values).toMatchObject({
    policy: "upsert-only",
    txtOwnerId: "tiny-dev",
    provider: { name: "aws" },
    sources: ["ingress", "service"],
  });
});

it("finds the fleet's zone, which is above the names that it makes", () => {
  expect(platform.release("external-dns").values).toMatchObject({
    domainFilters: [expect.stringContaining("dev")],
    extraArgs: ["--aws-zone-match-parent"],
  });
});

it("may change the cluster's zone alone", () => {
  expect(identityOf(platform, "external-dns")).toBe("external-dns/external-dns");
  const changes = rightsOf(platform, "external-dns").filter(({ Action }) => Action.some((action) => action.includes("Change")));
  expect(JSON.stringify(changes.map(({ Resource }) => Resource))).toMatch(/hostedzone\/\$\{/);
});

it("is there only on request", () => {
  expect(platformOf().names).not.toContain("external-dns");
});
