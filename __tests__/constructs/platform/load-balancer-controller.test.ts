import { expect, it } from "vitest";
import { identityOf, platformOf, rightsOf } from "../../support/platform";

const platform = platformOf();
const { values } = platform.release("aws-load-balancer-controller");

it("blocks nobody while it is down: no webhook on Services or Ingresses, and none of its other features", () => {
  expect(values).toMatchObject({
    enableServiceMutatorWebhook: false,
    webhookConfig: { disableIngressValidation: true },
    controllerConfig: { featureGates: { ALBGatewayAPI: false, NLBGatewayAPI: false, EnableServiceController: false } },
    createIngressClassResource: false,
    keepTLSSecret: true,
  });
});

it("gets region and VPC as values, because pods cannot reach the node's metadata", () => {
  expect(values).toMatchObject({ region: "eu-west-1" });
  expect(values["vpcId"]).toContain("dev-network");
});

it("may put targets into its own cluster's groups and nothing else", () => {
  const writes = rightsOf(platform, "aws-load-balancer-controller").filter(
    ({ Action }) => !Action.every((action) => /:(Describe|List|Get)/.test(action)),
  );
  expect(writes).toMatchObject([{ Action: ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"] }]);
  expect(JSON.stringify(writes)).toContain("targetgroup/tiny-dev-blue/");
  expect(identityOf(platform, "aws-load-balancer-controller")).toBe("kube-system/aws-load-balancer-controller");
});
