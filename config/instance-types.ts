import table from "../facts/instance-types.json";

/** Size, network limits and list price of an EC2 instance type. */
export interface InstanceType {
  readonly vcpu: number;
  readonly memoryMiB: number;
  readonly architecture: "amd64" | "arm64";
  /** Network interfaces the type can have. */
  readonly interfaces: number;
  /** IPv4 addresses each interface can have. */
  readonly ipv4PerInterface: number;
  /** On-demand list price in us-east-1, when known. */
  readonly usdPerHour?: number;
}

const types = table.types as Readonly<Record<string, InstanceType | undefined>>;

/** Facts of an instance type, or undefined when Drydock does not know it. */
export function instanceType(name: string): InstanceType | undefined {
  return Object.hasOwn(types, name) ? types[name] : undefined;
}

/** Names of all known instance types. */
export function instanceTypeNames(): readonly string[] {
  return Object.keys(types);
}

/** The most addresses that nodes of a type take from their subnet: every interface filled by the VPC CNI. */
export function addressesPerNode({ interfaces, ipv4PerInterface }: InstanceType): number {
  return interfaces * ipv4PerInterface;
}
