import instances from "../facts/instance-types.json";
import prices from "../facts/prices.json";
import type { ProgramResource } from "../terraform/program";

/** A part of a monthly bill. */
export interface CostItem {
  /** What is paid for, whatever its number: what two bills are compared by. */
  readonly item: string;
  readonly what: string;
  readonly usdPerMonth: number;
}

const usdPerHour: Readonly<Record<string, { readonly usdPerHour?: number } | undefined>> = instances.types;

/**
 * Monthly cost of resources at list price, us-east-1, at the minimum of every node group and without traffic.
 * What is billed by use (storage, logs, data) is not in it.
 */
export function monthlyCost(resources: readonly ProgramResource[]): readonly CostItem[] {
  const count = (type: string) => resources.filter((resource) => resource.type === type).length;
  const hourly = (what: string, number: number, price: number): CostItem => ({
    item: what,
    what: number === 1 ? what : `${number} ${what.replace(/s$/, "se")}s`,
    usdPerMonth: number * price * prices.hoursPerMonth,
  });
  return [
    hourly("EKS control plane", count("aws_eks_cluster"), prices.hourly["eks.cluster.standardSupport"]),
    ...nodeItems(resources),
    hourly("NAT gateway", count("aws_nat_gateway"), prices.hourly.natGateway),
    hourly("public address", count("aws_eip"), prices.hourly.publicIpv4Address),
    hourly("load balancer", count("aws_lb"), prices.hourly.applicationLoadBalancer),
    hourly("endpoint interface", endpointInterfaces(resources), prices.hourly.interfaceEndpointPerZone),
    {
      item: "keys and zones",
      what: "keys and zones",
      usdPerMonth: count("aws_kms_key") * prices.monthly["kms.key"] + count("aws_route53_zone") * prices.monthly["route53.zone"],
    },
  ].filter(({ usdPerMonth }) => usdPerMonth > 0);
}

/** Sum of a bill. */
export function total(items: readonly CostItem[]): number {
  return items.reduce((sum, { usdPerMonth }) => sum + usdPerMonth, 0);
}

function nodeItems(resources: readonly ProgramResource[]): CostItem[] {
  const groups = resources
    .filter(({ type }) => type === "aws_eks_node_group")
    .map(({ arguments: args }) => args as unknown as NodeGroupArguments);
  const gibOf = (group: NodeGroupArguments): number => {
    const template = resources.find(({ address }) => group.launch_template.id === `\${${address}.id}`);
    const mappings = (template?.arguments["block_device_mappings"] ?? []) as readonly { readonly ebs: { readonly volume_size: number } }[];
    return mappings.reduce((sum, { ebs }) => sum + ebs.volume_size, 0);
  };
  const cost = (spot: boolean): CostItem => {
    const members = groups.filter((group) => (group.capacity_type === "SPOT") === spot && group.scaling_config.min_size > 0);
    const nodes = members.reduce((sum, group) => sum + group.scaling_config.min_size, 0);
    const usd = members.reduce((sum, group) => {
      const [type = ""] = group.instance_types;
      const price = (usdPerHour[type]?.usdPerHour ?? 0) * (spot ? 1 - prices.spotDiscountTypical : 1);
      return sum + group.scaling_config.min_size * (price * prices.hoursPerMonth + gibOf(group) * prices.gigabyteMonth["ebs.gp3"]);
    }, 0);
    return {
      item: spot ? "spot nodes" : "on-demand nodes",
      what: `${nodes} ${spot ? "spot" : "on-demand"} node${nodes === 1 ? "" : "s"}`,
      usdPerMonth: usd,
    };
  };
  return [cost(false), cost(true)];
}

function endpointInterfaces(resources: readonly ProgramResource[]): number {
  return resources
    .filter(({ type, arguments: args }) => type === "aws_vpc_endpoint" && args["vpc_endpoint_type"] === "Interface")
    .reduce((sum, { arguments: args }) => sum + (args["subnet_ids"] as readonly unknown[]).length, 0);
}

interface NodeGroupArguments {
  readonly capacity_type: string;
  readonly instance_types: readonly string[];
  readonly launch_template: { readonly id: string };
  readonly scaling_config: { readonly min_size: number };
}
