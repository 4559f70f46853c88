import { describe, expect, it } from "vitest";
import { production } from "../../config/presets";
import { aCluster, aFleet, RUNNING } from "../support/fleets";
import { problemsOf } from "../support/problems";

const group = (overrides: object) =>
  aCluster({
    nodes: {
      groups: {
        system: { instanceTypes: ["m5.large"], volumes: true, min: 1, max: 2 },
        general: { instanceTypes: ["m5.large"], min: 0, max: 2, ...overrides },
      },
    },
  });

/** Each row: what a person got wrong, where Drydock points, and what it suggests. */
type Wrong = readonly [what: string, fleet: object, path: string, hint: RegExp, state?: object];
const WRONG: readonly Wrong[] = [
  ["a name with capitals", aFleet({ name: "Tiny" }), "name", /correct it/],
  ["a short account", aFleet({ account: "1234" }), "account", /correct it/],
  ["a misspelt field", { ...aFleet(), regoin: "eu-west-1" }, "regoin", /did you mean "region"/],
  [
    "a misspelt field of a cluster",
    aFleet({ clusters: { dev: { ...aCluster(), protct: true } as never } }),
    "clusters.dev.protct",
    /did you mean "protect"/,
  ],
  [
    "a misspelt field of a network",
    aFleet({ clusters: { dev: aCluster({ network: { cidr: "10.0.0.0/16", ntt: "one" } as never }) } }),
    "clusters.dev.network.ntt",
    /did you mean "nat"/,
  ],
  [
    "a misspelt choice",
    aFleet({ clusters: { dev: aCluster({ network: { cidr: "10.0.0.0/16", nat: "per-zones" as never } }) } }),
    "clusters.dev.network.nat",
    /did you mean "per-zone"/,
  ],
  ["a missing field", { ...aFleet(), owner: undefined }, "owner", /give it a value/],
  ["nobody as admin", aFleet({ access: { admins: [] } }), "access.admins", /at least one/],
  [
    "one role with two rights",
    aFleet({ access: { admins: ["arn:aws:iam::111122223333:role/a"], breakGlass: ["arn:aws:iam::111122223333:role/a"] } }),
    "access.breakGlass.0",
    /once/,
  ],
  ["a protected cluster name", aFleet({ clusters: { foundation: aCluster() } }), "clusters.foundation", /after its role/, {}],
  ["a cluster named like a colour", aFleet({ clusters: { "api-blue": aCluster() } }), "clusters.api-blue", /after its role/, {}],
  ["a cluster name that is no DNS label", aFleet({ clusters: { dev_1: aCluster() } }), "clusters.dev_1", /lower case/, {}],
  [
    "a target group name of 33",
    aFleet({ name: "sixteen-letters1", clusters: { "production-1": aCluster() } }),
    "clusters.production-1",
    /shorten/,
    {},
  ],
  [
    "overlapping ranges",
    aFleet({ clusters: { dev: aCluster(), test: aCluster({ network: { cidr: "10.0.128.0/17" } }) } }),
    "clusters.test.network.cidr",
    /no other cluster/,
  ],
  [
    "host bits in a range",
    aFleet({ clusters: { dev: aCluster({ network: { cidr: "10.0.0.1/16" } }) } }),
    "clusters.dev.network.cidr",
    /10\.0\.0\.0\/16/,
  ],
  [
    "a range too small to cut",
    aFleet({ clusters: { dev: aCluster({ network: { cidr: "10.0.0.0/24" } }) } }),
    "clusters.dev.network.cidr",
    /\/16 to \/20/,
  ],
  [
    "no room for the pods of two colours",
    aFleet({ clusters: { dev: production({ network: { cidr: "10.0.0.0/20" } }) } }),
    "clusters.dev.network",
    /larger range/,
  ],
  [
    "zones of another region",
    aFleet({ clusters: { dev: aCluster({ network: { cidr: "10.0.0.0/16", zones: ["us-east-1a", "us-east-1b"] } }) } }),
    "clusters.dev.network.zones",
    /eu-west-1a/,
  ],
  [
    "one zone twice",
    aFleet({ clusters: { dev: aCluster({ network: { cidr: "10.0.0.0/16", zones: ["eu-west-1a", "eu-west-1a"] } }) } }),
    "clusters.dev.network.zones",
    /different zones/,
  ],
  [
    "no way out at all",
    aFleet({ clusters: { dev: aCluster({ network: { cidr: "10.0.0.0/16", nat: "none" } }) } }),
    "clusters.dev.network.nat",
    /interfaceEndpoints/,
  ],
  [
    "an API open to the world",
    aFleet({ clusters: { dev: aCluster({ api: { publicCidrs: ["0.0.0.0/0"] } }) } }),
    "clusters.dev.api.publicCidrs.0",
    /offices or VPN/,
  ],
  [
    "an API open to half the world",
    aFleet({ clusters: { dev: aCluster({ api: { publicCidrs: ["128.0.0.0/1"] } }) } }),
    "clusters.dev.api.publicCidrs.0",
    /offices or VPN/,
  ],
  [
    "a subnet outside its VPC",
    aFleet({ clusters: { dev: aCluster({ network: adopted("10.9.0.0/18") }) } }),
    "clusters.dev.network.existing.privateSubnets.0.cidr",
    /VPC console/,
  ],
  [
    "more nodes at least than at most",
    aFleet({ clusters: { dev: group({ min: 3, max: 2 }) } }),
    "clusters.dev.nodes.groups.general.min",
    /at most 2/,
  ],
  [
    "an unknown instance type",
    aFleet({ clusters: { dev: group({ instanceTypes: ["m5.larg"] }) } }),
    "clusters.dev.nodes.groups.general.instanceTypes.0",
    /did you mean "m5.large"/,
  ],
  [
    "two architectures in a group",
    aFleet({ clusters: { dev: group({ instanceTypes: ["m5.large", "m6g.large"] }) } }),
    "clusters.dev.nodes.groups.general.instanceTypes",
    /per architecture/,
  ],
  [
    "two spot types",
    aFleet({ clusters: { dev: group({ capacity: "spot", instanceTypes: ["m5.large", "m5a.large"] }) } }),
    "clusters.dev.nodes.groups.general.instanceTypes",
    /at least three/,
  ],
  [
    "spot types of different sizes",
    aFleet({ clusters: { dev: group({ capacity: "spot", instanceTypes: ["m5.large", "m5a.large", "m5.xlarge"] }) } }),
    "clusters.dev.nodes.groups.general.instanceTypes",
    /group per size/,
  ],
  [
    "a label that Kubernetes owns",
    aFleet({ clusters: { dev: group({ labels: { "node.kubernetes.io/role": "x" } }) } }),
    "clusters.dev.nodes.groups.general.labels.node.kubernetes.io/role",
    /prefix of your own/,
  ],
  ["no system group", aFleet({ clusters: { dev: aCluster({ nodes: { groups: {} } }) } }), "clusters.dev.nodes.groups.system", /system/],
  [
    "a retention CloudWatch does not know",
    aFleet({ clusters: { dev: aCluster({ logs: { controlPlane: 45 } }) } }),
    "clusters.dev.logs.controlPlane",
    /use 60/,
  ],
  [
    "a cron expression with six fields",
    aFleet({ clusters: { dev: aCluster({ backups: { daily: { cron: "0 0 3 * * *", keepDays: 7 } } }) } }),
    "clusters.dev.backups.daily.cron",
    /17 \* \* \* \*/,
  ],
  [
    "a cron hour of 24",
    aFleet({ clusters: { dev: aCluster({ backups: { daily: { cron: "0 24 * * *", keepDays: 7 } } }) } }),
    "clusters.dev.backups.daily.cron",
    /minute, hour/,
  ],
  [
    "a backup kept for no time",
    aFleet({ clusters: { dev: aCluster({ backups: { daily: { cron: "0 3 * * *", keepDays: 0 } } }) } }),
    "clusters.dev.backups.daily.keepDays",
    /at least 1/,
  ],
  [
    "another account without a role",
    aFleet({ clusters: { dev: aCluster({ account: "999988887777" }) } }),
    "clusters.dev.assumeRoleArn",
    /role of account 999988887777/,
  ],
  [
    "a role of the wrong account",
    aFleet({ clusters: { dev: aCluster({ assumeRoleArn: "arn:aws:iam::999988887777:role/x" }) } }),
    "clusters.dev.assumeRoleArn",
    /role of account 111122223333/,
  ],
  [
    "an unknown minor",
    aFleet(),
    "fleet.state.json: dev.colours.blue.kubernetes",
    /1\.35, 1\.36/,
    { dev: { colours: { blue: { kubernetes: "1.29", weight: 100 } } } },
  ],
  [
    "weights that do not sum",
    aFleet(),
    "fleet.state.json: dev.colours",
    /sum to 100/,
    { dev: { colours: { blue: { kubernetes: "1.36", weight: 90 } } } },
  ],
  [
    "a weight for a missing colour",
    aFleet(),
    "fleet.state.json: dev.colours.red",
    /blue/,
    { dev: { colours: { red: { kubernetes: "1.36", weight: 100 } } } },
  ],
  ["a cluster the fleet lacks", aFleet(), "fleet.state.json: devv", /did you mean "dev"/, { devv: { colours: {} } }],
  [
    "equal weights without a memory",
    aFleet(),
    "fleet.state.json: dev.served",
    /served before/,
    { dev: { colours: { blue: { kubernetes: "1.36", weight: 50 }, green: { kubernetes: "1.36", weight: 50 } } } },
  ],
  ["a served colour that does not run", aFleet(), "fleet.state.json: dev.served", /use blue/, { dev: { ...RUNNING.dev, served: "green" } }],
  [
    "a node image of another minor",
    aFleet(),
    "fleet.state.json: dev.colours.blue.nodeRelease",
    /1\.36\./,
    { dev: { colours: { blue: { kubernetes: "1.36", weight: 100, nodeRelease: "1.35.7-20260903" } } } },
  ],
  [
    "Bottlerocket without a release",
    aFleet({ clusters: { dev: aCluster({ nodes: { ...aCluster().nodes, image: "bottlerocket" } }) } }),
    "fleet.state.json: dev.colours.blue.nodeRelease",
    /name the release/,
  ],
];

function adopted(privateCidr: string) {
  const subnet = (id: string, zone: string, cidr: string) => ({ id: `subnet-${id}`, zone, cidr });
  return {
    existing: {
      vpcId: "vpc-0123456789abcdef0",
      cidr: "10.0.0.0/16",
      privateSubnets: [subnet("00000001", "eu-west-1a", privateCidr), subnet("00000002", "eu-west-1b", "10.0.64.0/18")],
      publicSubnets: [subnet("00000003", "eu-west-1a", "10.0.128.0/24"), subnet("00000004", "eu-west-1b", "10.0.129.0/24")],
    },
  };
}

describe("a wrong declaration is refused with path, reason and fix", () => {
  it.each(WRONG.map((row) => ({ what: row[0], row })))("$what", ({ row: [, fleet, path, hint, state] }) => {
    const problems = problemsOf(fleet, state ?? RUNNING);
    const problem = problems.find((candidate) => candidate.path === path);
    expect(problem, `problems: ${JSON.stringify(problems)}`).toBeDefined();
    expect(problem?.fix).toMatch(hint);
    expect(problem?.reason).not.toBe("");
  });
});

describe("a right declaration is accepted", () => {
  it.each([
    ["the small fleet", aFleet(), RUNNING],
    ["a private API and no traffic", aFleet({ clusters: { dev: aCluster({ api: { publicCidrs: [] } }) } }), RUNNING],
    ["an adopted network", aFleet({ clusters: { dev: aCluster({ network: adopted("10.0.0.0/18") }) } }), RUNNING],
    [
      "two clusters in one adopted VPC",
      aFleet({ clusters: { dev: aCluster({ network: adopted("10.0.0.0/18") }), test: aCluster({ network: adopted("10.0.0.0/18") }) } }),
      RUNNING,
    ],
    [
      "a cluster in another account",
      aFleet({ clusters: { dev: aCluster({ account: "999988887777", assumeRoleArn: "arn:aws:iam::999988887777:role/x" }) } }),
      RUNNING,
    ],
    [
      "equal weights with a memory",
      aFleet(),
      { dev: { colours: { blue: { kubernetes: "1.36", weight: 50 }, green: { kubernetes: "1.36", weight: 50 } }, served: "green" } },
    ],
    ["nothing running", aFleet(), {}],
  ])("%s", (_what, fleet, state) => {
    expect(problemsOf(fleet, state)).toEqual([]);
  });
});

it("reports every problem at once", () => {
  const fleet = aFleet({ clusters: { dev: group({ min: 3, max: 2, instanceTypes: ["m5.larg"] }) }, access: { admins: [] } });
  expect(problemsOf(fleet).map(({ path }) => path)).toEqual([
    "access.admins",
    "clusters.dev.nodes.groups.general.min",
    "clusters.dev.nodes.groups.general.instanceTypes.0",
  ]);
});
