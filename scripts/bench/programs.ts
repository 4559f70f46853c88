import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, LocalBackend, TerraformStack } from "cdktf";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { localBackend } from "../../stacks/backend";
import { declareFleet } from "../../stacks/declare-fleet";
import { withoutTokenTraces } from "../../stacks/token-traces";
import { readProgram } from "../../terraform/program";
import { fleetOf } from "./fleet";

// One measured process: `fleet <clusters>` declares a fleet, `clusters <clusters>` one without releases, and `bare <stacks>
// <resources>` makes as many stacks and resources with cdktf alone.
const [, , kind, first = "1", second = "0"] = process.argv;
const outdir = mkdtempSync(join(tmpdir(), "drydock-bench-"));
const app = new App({ outdir, stackTraces: false });
if (kind === "fleet" || kind === "clusters") {
  withoutTokenTraces(() => {
    declareFleet(app, fleetOf(Number(first), kind === "clusters"), localBackend({ relativePath: (id) => `${id}.tfstate` }));
    app.synth();
  });
} else {
  bare(Number(first), Number(second));
  app.synth();
}
const stacks = kind !== "bare" && process.send ? readProgram(outdir) : [];
process.send?.({
  maxRssMb: process.resourceUsage().maxRSS / 1024,
  stacks: stacks.length,
  resources: stacks.reduce((sum, { resources }) => sum + resources.length, 0),
});
rmSync(outdir, { recursive: true });

function bare(stackCount: number, resourceCount: number): void {
  const each = Math.ceil(resourceCount / stackCount);
  for (let index = 0; index < stackCount; index += 1) {
    const stack = new TerraformStack(app, `stack-${index}`);
    new LocalBackend(stack, { path: "state" });
    new AwsProvider(stack, "aws", { region: "eu-west-1" });
    for (let number = 0; number < each; number += 1) {
      new Subnet(stack, `subnet-${number}`, {
        vpcId: "vpc-1",
        cidrBlock: "10.0.0.0/24",
        availabilityZone: "eu-west-1a",
        tags: { Name: "bench" },
      });
    }
  }
}
