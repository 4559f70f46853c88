import type { ReleaseOptions } from "./platform-declaration";
import type { ClusterTransforms } from "./transforms";

/** One cluster role: it outlives the Kubernetes clusters (colours) that play it. */
export interface ClusterDeclaration {
  /**
   * AWS account of the cluster.
   * @default the fleet's
   */
  readonly account?: string;
  /**
   * AWS region of the cluster.
   * @default the fleet's
   */
  readonly region?: string;
  /**
   * IAM role that Terraform assumes in the cluster's account.
   * @default none: the caller's own identity
   */
  readonly assumeRoleArn?: string;
  /**
   * Refuses deletion of the cluster, its load balancer, its buckets and its keys until `liftProtection` is set in `fleet.state.json`.
   * @default false
   */
  readonly protect?: boolean;
  /**
   * What stays when no colour runs: `data` keeps buckets and keys (with the backups in them), `nothing` removes every stack.
   * @default "data"
   */
  readonly whenOff?: "data" | "nothing";
  /** The VPC: made by Drydock or adopted. */
  readonly network: NetworkDeclaration | ExistingNetworkDeclaration;
  /**
   * How the Kubernetes API is reached.
   * @default private only
   */
  readonly api?: ApiDeclaration;
  /** Operating system and groups of the nodes. */
  readonly nodes: NodesDeclaration;
  /**
   * How requests reach the ingress controller.
   * @default the load balancer answers nobody
   */
  readonly traffic?: TrafficDeclaration;
  /**
   * When backups are made and how long they are kept, by schedule name.
   * @default { daily: { cron: "0 3 * * *", keepDays: 14 } }
   */
  readonly backups?: Readonly<Record<string, BackupScheduleDeclaration>>;
  /**
   * How long logs are kept, in days.
   * @default { controlPlane: 30, containers: 30 }
   */
  readonly logs?: LogsDeclaration;
  /**
   * Options of the platform's releases by name; `false` leaves a default one out. docs/platform.md lists them.
   * @default every default release with its defaults, none on request
   */
  readonly platform?: ReleaseOptions;
  /**
   * Escape hatch for the cluster's resources; see docs/architecture.md.
   * @default nothing is changed
   */
  readonly transform?: ClusterTransforms;
}

/** A VPC that Drydock makes: private subnets for nodes and pods, small public ones for load balancer and NAT. */
export interface NetworkDeclaration {
  /** IPv4 range of the VPC, /16 to /20. Three quarters go to nodes and pods, the rest to public subnets. */
  readonly cidr: string;
  /**
   * Availability zones: two or three zone names, or how many of the region's `a`, `b`, `c` to use. Name them where a region or account lacks one of these letters.
   * @default 3
   */
  readonly zones?: 2 | 3 | readonly string[];
  /**
   * NAT gateways: `per-zone` survives the loss of a zone, `one` is cheaper, `none` leaves only the endpoints, and images must then be mirrored into ECR.
   * @default "one"
   */
  readonly nat?: "per-zone" | "one" | "none";
  /**
   * Interface endpoints, each costing a fee per zone and hour. The S3 gateway endpoint is free and always made.
   * @default []
   */
  readonly interfaceEndpoints?: readonly InterfaceEndpoint[];
  /**
   * How long VPC flow logs of rejected traffic are kept, in days; `false` makes none.
   * @default 30
   */
  readonly flowLogs?: number | false;
}

/** AWS services an interface endpoint can be made for. */
export type InterfaceEndpoint =
  "ecr.api" | "ecr.dkr" | "sts" | "ec2" | "logs" | "eks" | "eks-auth" | "elasticloadbalancing" | "autoscaling" | "sns";

/** A VPC that exists already. Nothing in it is changed. */
export interface ExistingNetworkDeclaration {
  /** VPC and subnets to adopt. */
  readonly existing: {
    /** Id of the VPC, such as `vpc-0123456789abcdef0`. */
    readonly vpcId: string;
    /** IPv4 range of the VPC. */
    readonly cidr: string;
    /** One subnet per zone for nodes and pods; it needs a way to the internet or the interface endpoints. */
    readonly privateSubnets: readonly ExistingSubnet[];
    /** One subnet per zone for the load balancer. */
    readonly publicSubnets: readonly ExistingSubnet[];
  };
}

/** A subnet that exists already. */
export interface ExistingSubnet {
  /** Id of the subnet, such as `subnet-0123456789abcdef0`. */
  readonly id: string;
  /** Availability zone of the subnet, such as `eu-west-1a`. */
  readonly zone: string;
  /** IPv4 range of the subnet. */
  readonly cidr: string;
}

/** How the Kubernetes API is reached. */
export interface ApiDeclaration {
  /**
   * Ranges that may reach the public endpoint. Empty: the endpoint is private, and whoever deploys needs a way into the VPC.
   */
  readonly publicCidrs: readonly string[];
}

/** Operating system and groups of the nodes. */
export interface NodesDeclaration {
  /**
   * Node image family. The release is pinned in `versions.json`, or in `fleet.state.json` for one colour.
   * @default "al2023"
   */
  readonly image?: "al2023" | "bottlerocket";
  /** Node groups by name. `system` is required: it runs add-ons and the platform, tainted so that nothing else lands there. */
  readonly groups: Readonly<Record<string, NodeGroupDeclaration>>;
}

/** A group of like nodes. */
export interface NodeGroupDeclaration {
  /** EC2 instance types. Spot groups need at least three of the same size, so that the autoscaler can reason about them. */
  readonly instanceTypes: readonly string[];
  /**
   * How the nodes are bought.
   * @default "on-demand"
   */
  readonly capacity?: "on-demand" | "spot";
  /**
   * For spot: a second, on-demand group of the same shape that grows when spot is out.
   * @default true for spot
   */
  readonly onDemandFallback?: boolean;
  /**
   * Whether pods with EBS volumes run here. Such a group is made once per zone, because a volume cannot leave its zone.
   * @default false
   */
  readonly volumes?: boolean;
  /**
   * Fewest nodes (of each zone's group when `volumes` is set). EKS refuses a minimum above the group's present size,
   * which is the autoscaler's: raise that first with `aws eks update-nodegroup-config --scaling-config desiredSize=<n>`.
   */
  readonly min: number;
  /** Most nodes (of each zone's group when `volumes` is set). */
  readonly max: number;
  /**
   * Size of the encrypted gp3 root volume in GiB.
   * @default 50
   */
  readonly diskGiB?: number;
  /**
   * Kubernetes labels besides Drydock's own.
   * @default {}
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Taints besides Drydock's own.
   * @default []
   */
  readonly taints?: readonly TaintDeclaration[];
  /**
   * Share of the group, in percent, that may be replaced at once during an update.
   * @default 33
   */
  readonly maxUnavailablePercent?: number;
}

/** A Kubernetes taint. */
export interface TaintDeclaration {
  /** Key, such as `dedicated`. */
  readonly key: string;
  /** Value, such as `gpu`. */
  readonly value: string;
  /** What happens to pods that do not tolerate it. */
  readonly effect: "NO_SCHEDULE" | "NO_EXECUTE" | "PREFER_NO_SCHEDULE";
}

/** How requests reach the ingress controller. */
export interface TrafficDeclaration {
  /**
   * Ranges that may reach the load balancer. Name `0.0.0.0/0` to serve the public.
   */
  readonly allowFrom: readonly string[];
}

/** When a backup is made and how long it is kept. */
export interface BackupScheduleDeclaration {
  /** Five-field cron expression in UTC. */
  readonly cron: string;
  /** Days until a backup is deleted. */
  readonly keepDays: number;
}

/** How long logs are kept, in days. CloudWatch knows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731 and more. */
export interface LogsDeclaration {
  /**
   * EKS control-plane logs in CloudWatch.
   * @default 30
   */
  readonly controlPlane?: number;
  /**
   * Container logs and Kubernetes events in the log bucket.
   * @default 30
   */
  readonly containers?: number;
}
