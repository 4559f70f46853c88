import type { ITerraformDependable } from "cdktf";
import type { LockedChart } from "../../config/chart-lock";
import type { Cluster, Colour } from "../../config/fleet";
import type { LocalChart } from "../../config/local-charts";
import type { Problem } from "../../config/problems";
import type { PlatformTransforms } from "../../config/transforms";
import type { PinnedRelease } from "./pinned-release";

/** What releases know of the AWS side of their cluster. */
export interface PlatformFacts {
  /** The EKS cluster, known once it exists. */
  readonly clusterName: string;
  readonly vpcId: string;
  /** Ranges of the subnets that the load balancer's addresses are in. */
  readonly loadBalancerCidrs: readonly string[];
  readonly loadBalancerDnsName: string;
  /** DNS name under which the cluster answers. */
  readonly domain: string;
  readonly targetGroupArn: string;
  readonly volumesKeyArn: string;
  readonly backupBucket: string;
  readonly logBucket: string;
  readonly alertTopicArn: string;
  readonly watchdogTopicArn: string;
}

/** What every release of one colour shares. */
export interface PlatformContext {
  readonly cluster: Cluster;
  readonly colour: Colour;
  /** Name of the colour, such as `acme-production-blue`. */
  readonly name: string;
  readonly facts: PlatformFacts;
  readonly charts: Readonly<Record<string, LockedChart>>;
  readonly localCharts: Readonly<Record<string, LocalChart>>;
  /** Every namespace: all come first, so that they go last, when the metrics API no longer blocks their deletion. */
  readonly namespaces: readonly ITerraformDependable[];
  /** Names of the platform's namespaces. */
  readonly namespaceNames: readonly string[];
  /** Names of all releases of the colour, for what behaves differently beside another. */
  readonly releaseNames: readonly string[];
  /** Whether any role may deploy: otherwise hands must, and what guards against hands only warns. */
  readonly hasDeployers: boolean;
  readonly transforms: PlatformTransforms | undefined;
  /** What is wrong with the values of releases; read once all are made. */
  readonly problems: Problem[];
  /** Where a release's values are declared, for problems. */
  readonly valuesPath: (release: string) => string;
  /** A release made before. */
  readonly release: (name: string) => PinnedRelease;
}
