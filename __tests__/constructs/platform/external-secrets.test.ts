import { expect, it } from "vitest";
import { platformOf, rightsOf } from "../../support/platform";

const platform = platformOf({ "external-secrets": true });

it("keeps its definitions: deleting one deletes every secret that was made through it", () => {
  expect(platform.release("external-secrets").values).toMatchObject({ crds: { annotations: { "helm.sh/resource-policy": "keep" } } });
});

it("may read the cluster's own secrets, and change none", () => {
  expect(rightsOf(platform, "external-secrets")).toMatchObject([
    {
      Action: ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"],
      Resource: ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:tiny/dev/*"],
    },
  ]);
});
