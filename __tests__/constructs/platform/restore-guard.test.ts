import { expect, it } from "vitest";
import { platformOf, rightsOf } from "../../support/platform";

it("goes before Velero, whose namespace it is in", () => {
  const { after, arguments: args, values } = platformOf().release("restore-guard");
  expect(after).toEqual(["velero"]);
  expect(args["namespace"]).toBe("velero");
  expect(Number(args["timeout"])).toBeGreaterThan(Number(values["waitSeconds"]));
});

it("has Velero take away what a restore from the other colour left in the bucket", () => {
  const other = rightsOf(platformOf(), "velero").find(({ Resource }) => JSON.stringify(Resource).includes("/green/restores/*"));
  expect(other?.Action).toEqual(["s3:PutObject", "s3:DeleteObject"]);
});
