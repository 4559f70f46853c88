import { describe, expect, it } from "vitest";
import { aCluster, aFleet, resolved, RUNNING } from "../support/fleets";

describe("a resolved fleet", () => {
  it("is frozen to its leaves", () => {
    const fleet = resolved();
    const thawed = (value: unknown): boolean =>
      typeof value === "object" && value !== null && (!Object.isFrozen(value) || Object.values(value).some(thawed));
    expect(thawed(fleet)).toBe(false);
    expect(() => {
      (fleet.clusters as unknown[]).push({});
    }).toThrow(TypeError);
  });

  it("cuts the same subnets for two zones as for three", () => {
    const subnets = (zones: 2 | 3) => {
      const [cluster] = resolved(aFleet({ clusters: { dev: aCluster({ network: { cidr: "10.0.0.0/16", zones } }) } })).clusters;
      return cluster?.network.privateSubnets.map(({ cidr }) => cidr);
    };
    expect(subnets(3)).toEqual(["10.0.0.0/18", "10.0.64.0/18", "10.0.128.0/18"]);
    expect(subnets(2)).toEqual(subnets(3)?.slice(0, 2));
  });

  it("keeps public subnets apart from private ones", () => {
    const [cluster] = resolved().clusters;
    expect(cluster?.network.publicSubnets.map(({ cidr }) => cidr)).toEqual(["10.0.192.0/22", "10.0.196.0/22"]);
  });

  it("pins the node image of the minor, or the one that the state names", () => {
    const release = (state: object) => resolved(aFleet(), state).clusters[0]?.colours[0]?.nodeRelease;
    expect(release(RUNNING)).toBe("1.36.3-20260911");
    expect(release({ dev: { colours: { blue: { ...RUNNING.dev.colours.blue, nodeRelease: "1.36.4-20261001" } } } })).toBe(
      "1.36.4-20261001",
    );
  });

  it.each([
    [70, 30, undefined, "blue"],
    [30, 70, undefined, "green"],
    [50, 50, "green", "green"],
  ] as const)("serves from the heavier colour, at %i to %i from %s", (blue, green, served, expected) => {
    const colours = { blue: { kubernetes: "1.35", weight: blue }, green: { kubernetes: "1.36", weight: green } };
    expect(resolved(aFleet(), { dev: { colours, served } }).clusters[0]?.serving).toBe(expected);
  });

  it("lifts protection only where the state says so", () => {
    const fleet = aFleet({ clusters: { dev: aCluster({ protect: true }) } });
    expect(resolved(fleet).clusters[0]?.protect).toBe(true);
    expect(resolved(fleet, { dev: { ...RUNNING.dev, liftProtection: true } }).clusters[0]?.protect).toBe(false);
  });

  it("makes one foundation per account and region, home first", () => {
    const other = { account: "999988887777", assumeRoleArn: "arn:aws:iam::999988887777:role/x" };
    const fleet = resolved(
      aFleet({
        clusters: {
          dev: aCluster(),
          far: aCluster({ region: "us-east-1", network: { cidr: "10.1.0.0/16" } }),
          foreign: aCluster({ ...other, network: { cidr: "10.2.0.0/16" } }),
          twin: aCluster({ ...other, network: { cidr: "10.3.0.0/16" } }),
        },
      }),
    );
    expect(fleet.foundations.map(({ id, ownsAccount, delegatedDomains }) => ({ id, ownsAccount, delegatedDomains }))).toEqual([
      { id: "foundation", ownsAccount: true, delegatedDomains: [] },
      { id: "foundation-111122223333-us-east-1", ownsAccount: false, delegatedDomains: [] },
      { id: "foundation-999988887777-eu-west-1", ownsAccount: true, delegatedDomains: ["foreign.k8s.example.org", "twin.k8s.example.org"] },
    ]);
  });
});
