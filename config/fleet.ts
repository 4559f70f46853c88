import type { LockedChart } from "./chart-lock";
import type { InterfaceEndpoint, TaintDeclaration } from "./cluster-declaration";
import type { AccessDeclaration, StateDeclaration } from "./declaration";
import type { LocalChart } from "./local-charts";
import type { RequestedRelease } from "./release";
import type { ClusterTransforms, FoundationTransforms } from "./transforms";
import type { MinorVersions } from "./versions";

/** Names of the two Kubernetes clusters that can play a role. */
export const COLOURS = ["blue", "green"] as const;

/** One of the two Kubernetes clusters that can play a role. */
export type ColourName = (typeof COLOURS)[number];

/** A checked fleet with every default filled in, deeply frozen. */
export interface Fleet {
  readonly name: string;
  readonly domain: string;
  readonly owner: string;
  readonly github: { readonly repository: string; readonly branch: string; readonly oidcProviderArn?: string } | undefined;
  readonly access: Required<AccessDeclaration>;
  readonly state: StateDeclaration;
  readonly monthlyBudgetUsd: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Home first. */
  readonly foundations: readonly Foundation[];
  readonly clusters: readonly Cluster[];
  /** Charts that the lock pins, by name. */
  readonly charts: Readonly<Record<string, LockedChart>>;
  /** Our own charts, by name. */
  readonly localCharts: Readonly<Record<string, LocalChart>>;
  readonly transform: FoundationTransforms | undefined;
}

/** An account and region that hosts something. */
export interface Placement {
  readonly account: string;
  readonly region: string;
  /** AWS partition, such as `aws` or `aws-cn`. */
  readonly partition: string;
  readonly assumeRoleArn: string | undefined;
}

/** What one account and region needs once. */
export interface Foundation extends Placement {
  /** Stack id: `foundation` at home, else `foundation-<account>-<region>`. */
  readonly id: string;
  readonly home: boolean;
  /** Whether another foundation of the same account already makes what exists once per account (IAM, budget). */
  readonly ownsAccount: boolean;
  /** Adopted zone of the fleet's domain; only at home. */
  readonly hostedZoneId: string | undefined;
  /** DNS names of clusters whose zones live here, delegated from home. Empty at home and elsewhere in its account. */
  readonly delegatedDomains: readonly string[];
}

/** A cluster role. */
export interface Cluster extends Placement {
  readonly name: string;
  /** DNS name under which the cluster answers. */
  readonly domain: string;
  readonly foundationId: string;
  readonly protect: boolean;
  readonly whenOff: "data" | "nothing";
  /** Whether buckets are emptied when they are destroyed: for what is meant to leave nothing, and once protection is lifted. */
  readonly emptyBuckets: boolean;
  readonly network: Network;
  readonly api: { readonly publicCidrs: readonly string[] };
  readonly nodes: { readonly image: "al2023" | "bottlerocket"; readonly groups: readonly NodeGroup[] };
  readonly traffic: { readonly allowFrom: readonly string[] };
  readonly backups: readonly BackupSchedule[];
  readonly logs: { readonly controlPlane: number; readonly containers: number };
  /** Colours that run, in the order blue, green. */
  readonly colours: readonly Colour[];
  /** The colour with the greater weight; at equal weights the one that served before. Undefined when the cluster is off. */
  readonly serving: ColourName | undefined;
  /** Releases of every colour, each after what it requires. */
  readonly releases: readonly RequestedRelease[];
  readonly transform: ClusterTransforms;
}

/** A Kubernetes cluster that plays a role. */
export interface Colour {
  readonly name: ColourName;
  /** Kubernetes minor, such as `1.36`. */
  readonly kubernetes: string;
  /** Share of the traffic in percent. */
  readonly weight: number;
  /** Release of the node image, such as `1.36.3-20260911`. */
  readonly nodeRelease: string;
  /** Whether this colour's cluster refuses to be destroyed: it serves, and its cluster is protected. */
  readonly protect: boolean;
  /** What is pinned for the minor. */
  readonly versions: MinorVersions;
}

/** A network to make or to adopt. */
export type Network = MadeNetwork | ExistingNetwork;

/** A VPC that Drydock makes. */
export interface MadeNetwork {
  readonly kind: "made";
  readonly cidr: string;
  readonly zones: readonly string[];
  readonly privateSubnets: readonly SubnetPlan[];
  readonly publicSubnets: readonly SubnetPlan[];
  readonly nat: "per-zone" | "one" | "none";
  readonly interfaceEndpoints: readonly InterfaceEndpoint[];
  /** Retention in days, or undefined for none. */
  readonly flowLogDays: number | undefined;
}

/** A VPC that exists already. */
export interface ExistingNetwork {
  readonly kind: "existing";
  readonly vpcId: string;
  readonly cidr: string;
  readonly zones: readonly string[];
  readonly privateSubnets: readonly (SubnetPlan & { readonly id: string })[];
  readonly publicSubnets: readonly (SubnetPlan & { readonly id: string })[];
}

/** Where a subnet lies. */
export interface SubnetPlan {
  readonly zone: string;
  readonly cidr: string;
}

/** A declared group of nodes, before it is spread over zones and ways of buying. */
export interface NodeGroup {
  readonly name: string;
  readonly instanceTypes: readonly string[];
  readonly capacity: "on-demand" | "spot";
  readonly onDemandFallback: boolean;
  readonly volumes: boolean;
  readonly min: number;
  readonly max: number;
  readonly diskGiB: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly TaintDeclaration[];
  readonly maxUnavailablePercent: number;
}

/** When a backup is made and how long it is kept. */
export interface BackupSchedule {
  readonly name: string;
  readonly cron: string;
  readonly keepDays: number;
  /** Longest time between two runs, in hours. */
  readonly everyHours: number;
}
