import { subnet } from "./cidr";
import type { ExistingNetworkDeclaration, NetworkDeclaration } from "./cluster-declaration";
import type { SubnetPlan } from "./fleet";

/** Availability zones of a network; a number stands for the region's first letters. */
export function zonesOf(network: NetworkDeclaration | ExistingNetworkDeclaration, region: string): readonly string[] {
  if ("existing" in network) return network.existing.privateSubnets.map(({ zone }) => zone);
  const { zones = 3 } = network;
  return typeof zones === "number" ? ["a", "b", "c"].slice(0, zones).map((letter) => `${region}${letter}`) : zones;
}

/** Where the subnets of a network lie. */
export interface SubnetLayout {
  readonly privateSubnets: readonly SubnetPlan[];
  readonly publicSubnets: readonly SubnetPlan[];
}

/**
 * Cuts a range into quarters: one private subnet per zone from the first three, public ones (a sixteenth of a
 * quarter each) from the last. The same range always gives the same subnets, with two zones or three, so that a
 * zone can be added later without moving one.
 */
export function subnetPlan(network: NetworkDeclaration | ExistingNetworkDeclaration, region: string): SubnetLayout {
  if ("existing" in network) return network.existing;
  const zones = zonesOf(network, region);
  const lastQuarter = subnet(network.cidr, 2, 3);
  return {
    privateSubnets: zones.map((zone, index) => ({ zone, cidr: subnet(network.cidr, 2, index) })),
    publicSubnets: zones.map((zone, index) => ({ zone, cidr: subnet(lastQuarter, 4, index) })),
  };
}
