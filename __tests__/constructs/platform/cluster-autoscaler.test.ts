import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { nodeGroupName } from "../../../config/names";
import { FleetError } from "../../../config/problems";
import { resolveFleet } from "../../../config/resolve";
import { pinnedVersions } from "../../../config/versions";
import { EXPANDER_PRIORITIES } from "../../../constructs/platform/cluster-autoscaler";
import { filesWith } from "../../support/fleet-files";
import { aFleet, RUNNING } from "../../support/fleets";
import { platformOf } from "../../support/platform";

describe("spot first", () => {
  /** Name that EKS gives the Auto Scaling group of a node group. */
  const autoScalingGroup = (name: string) => `eks-${name}-ab12cd34-0000-1111-2222-333344445555`;
  const priorityOf = (group: string): number =>
    Math.max(
      ...Object.entries(parse(EXPANDER_PRIORITIES) as Record<string, string[]>)
        .filter(([, patterns]) => patterns.some((pattern) => new RegExp(pattern).test(autoScalingGroup(group))))
        .map(([priority]) => Number(priority)),
    );

  it.each([
    [nodeGroupName("general", "spot", undefined, {}), 20],
    [nodeGroupName("stateful", "spot", "eu-west-1b", {}), 20],
    [nodeGroupName("general", "on-demand", undefined, {}), 10],
    [nodeGroupName("system", "on-demand", "eu-west-1a", {}), 10],
    // A name that only sounds like it.
    [nodeGroupName("spot-check", "on-demand", undefined, {}), 10],
    [nodeGroupName("a-spot-a", "on-demand", "eu-west-1a", {}), 10],
  ])("%s has priority %d", (group, priority) => {
    expect(priorityOf(group)).toBe(priority);
  });

  it("falls back soon when there is none", () => {
    const { values } = platformOf({ "cluster-autoscaler": { provisionTimeoutMinutes: 3 } }).release("cluster-autoscaler");
    expect(values["extraArgs"]).toMatchObject({ expander: "priority,least-waste", "max-node-provision-time": "3m0s" });
  });
});

it.each(["1.35", "1.36"])("runs the image of the cluster's own minor, %s", (minor) => {
  const { values } = platformOf({}, { state: { dev: { colours: { blue: { kubernetes: minor, weight: 100 } } } } }).release(
    "cluster-autoscaler",
  );
  expect((values["image"] as { tag: string }).tag).toMatch(new RegExp(`^v${minor}\\.`));
});

it("refuses to be pinned at another minor", () => {
  const versions = structuredClone(pinnedVersions);
  Object.assign(versions["1.36"] ?? {}, { clusterAutoscaler: "v1.35.2" });
  expect(() => resolveFleet(aFleet(), filesWith(RUNNING, { versions }))).toThrow(FleetError);
  expect(() => resolveFleet(aFleet(), filesWith(RUNNING, { versions }))).toThrow(/versions\.json: minors\.1\.36\.clusterAutoscaler/);
});
