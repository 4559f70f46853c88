import { canonical, contains, overlap, prefixLength, usableAddresses } from "../cidr";
import type { ClusterDeclaration, NodeGroupDeclaration } from "../cluster-declaration";
import { addressesPerNode, instanceType } from "../instance-types";
import { subnetPlan, zonesOf } from "../network-plan";
import type { Problem } from "../problems";
import { COLOURS } from "../fleet";
import type { Check, FleetInput } from "./input";

const WORLD = "0.0.0.0/0";

/** Endpoints without which nodes cannot start where there is no way to the internet. */
const NEEDED_WITHOUT_NAT = [
  "ecr.api",
  "ecr.dkr",
  "sts",
  "ec2",
  "logs",
  "eks",
  "eks-auth",
  "elasticloadbalancing",
  "autoscaling",
  "sns",
] as const;

/** Ranges, zones, room for pods, and who may reach what. */
export const checkNetworks: Check = (input) => [
  ...overlaps(input),
  ...Object.entries(input.fleet.clusters).flatMap(([name, cluster]) => {
    const path = `clusters.${name}`;
    const region = cluster.region ?? input.fleet.region;
    const shape = "existing" in cluster.network ? existingShape(path, cluster) : madeShape(path, cluster);
    // Room is counted in the subnets that a sound network has; an unsound one is reported above.
    return [
      ...shape,
      ...zones(path, cluster, region),
      ...(shape.length === 0 ? room(path, cluster, region) : []),
      ...openness(path, cluster),
    ];
  }),
];

function overlaps({ fleet }: FleetInput): Problem[] {
  const ranges = Object.entries(fleet.clusters).map(([name, { network }]) => ({
    name,
    vpc: "existing" in network ? network.existing.vpcId : name,
    path: `clusters.${name}.network.${"existing" in network ? "existing." : ""}cidr`,
    cidr: "existing" in network ? network.existing.cidr : network.cidr,
  }));
  return ranges.flatMap((range, index) =>
    ranges
      .slice(0, index)
      .filter((other) => other.vpc !== range.vpc && overlap(other.cidr, range.cidr))
      .map((other) => ({
        path: range.path,
        reason: `${range.cidr} overlaps ${other.cidr} of ${other.name}; the two could never be peered`,
        fix: "choose a range that no other cluster of the fleet uses",
      })),
  );
}

function madeShape(path: string, { network }: ClusterDeclaration): Problem[] {
  if ("existing" in network) return [];
  const problems = hostBits(`${path}.network.cidr`, network.cidr);
  const prefix = prefixLength(network.cidr);
  if (prefix < 16 || prefix > 20) {
    problems.push({ path: `${path}.network.cidr`, reason: `a /${prefix} cannot be cut into subnets`, fix: "use a range from /16 to /20" });
  }
  if (network.nat === "none") {
    const missing = NEEDED_WITHOUT_NAT.filter((endpoint) => !network.interfaceEndpoints?.includes(endpoint));
    if (missing.length > 0) {
      problems.push({
        path: `${path}.network.nat`,
        reason: `without NAT nodes reach AWS only through interface endpoints, and ${missing.join(", ")} are missing`,
        fix: `add them to network.interfaceEndpoints, or use nat: "one"`,
      });
    }
  }
  return problems;
}

function existingShape(path: string, { network }: ClusterDeclaration): Problem[] {
  if (!("existing" in network)) return [];
  const { cidr, privateSubnets, publicSubnets } = network.existing;
  return (["privateSubnets", "publicSubnets"] as const).flatMap((kind) => {
    const subnets = { privateSubnets, publicSubnets }[kind];
    return subnets.flatMap((subnet, index) => {
      const at = `${path}.network.existing.${kind}.${index}`;
      const problems: Problem[] = [];
      if (!contains(cidr, subnet.cidr))
        problems.push({
          path: `${at}.cidr`,
          reason: `${subnet.cidr} is not within the VPC's ${cidr}`,
          fix: "copy the range from the VPC console",
        });
      if (subnets.findIndex(({ zone }) => zone === subnet.zone) < index) {
        problems.push({ path: `${at}.zone`, reason: `${subnet.zone} has a subnet already`, fix: "give one subnet per zone" });
      }
      return problems;
    });
  });
}

function hostBits(path: string, cidr: string): Problem[] {
  const clean = canonical(cidr);
  return clean === cidr ? [] : [{ path, reason: `${cidr} has host bits set, which AWS refuses`, fix: `use ${clean}` }];
}

function zones(path: string, cluster: ClusterDeclaration, region: string): Problem[] {
  const names = zonesOf(cluster.network, region);
  const field = "existing" in cluster.network ? "network.existing.privateSubnets" : "network.zones";
  return [
    ...names
      .filter((zone) => !zone.startsWith(region))
      .map((zone) => ({
        path: `${path}.${field}`,
        reason: `${zone} is not in ${region}`,
        fix: `use zones of ${region}, such as ${region}a`,
      })),
    ...(new Set(names).size < names.length
      ? [{ path: `${path}.${field}`, reason: "names a zone twice", fix: "name two or three different zones" }]
      : []),
  ];
}

/** The worst hour of an upgrade: both colours at their maximum, every interface of every node filled. */
function room(path: string, cluster: ClusterDeclaration, region: string): Problem[] {
  const subnets = subnetPlan(cluster.network, region).privateSubnets;
  const available = subnets.reduce((sum, { cidr }) => sum + usableAddresses(cidr), 0);
  const perColour = Object.values(cluster.nodes.groups).reduce((sum, group) => sum + groupAddresses(group, subnets.length), 0);
  const needed = perColour * COLOURS.length;
  if (needed <= available) return [];
  return [
    {
      path: `${path}.network`,
      reason: `two colours at their maximum take ${needed} addresses and the private subnets have ${available}`,
      fix: "use a larger range, or lower the maximum of the node groups",
    },
  ];
}

function groupAddresses(group: NodeGroupDeclaration, zoneCount: number): number {
  const each = Math.max(0, ...group.instanceTypes.map((name) => instanceType(name)).map((type) => (type ? addressesPerNode(type) : 0)));
  const groups = group.volumes === true ? zoneCount : 1;
  const ways = group.capacity === "spot" && group.onDemandFallback !== false ? 2 : 1;
  return group.max * groups * ways * each;
}

function openness(path: string, { api, traffic }: ClusterDeclaration): Problem[] {
  return [
    ...(api?.publicCidrs ?? []).flatMap((cidr, index) => {
      const at = `${path}.api.publicCidrs.${index}`;
      return prefixLength(cidr) < 8
        ? [
            {
              path: at,
              reason: `${cidr === WORLD ? "opens" : "all but opens"} the Kubernetes API to the world`,
              fix: "list the ranges of your offices or VPN, or leave the list empty for a private API",
            },
          ]
        : hostBits(at, cidr);
    }),
    ...(traffic?.allowFrom ?? []).flatMap((cidr, index) => hostBits(`${path}.traffic.allowFrom.${index}`, cidr)),
  ];
}
