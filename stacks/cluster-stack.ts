import type { App, ITerraformDependable } from "cdktf";
import type { Cluster, Colour } from "../config/fleet";
import { instanceType } from "../config/instance-types";
import { colourName } from "../config/names";
import { Access } from "../constructs/cluster/access";
import { Addons, CLUSTER_ADDONS, NODE_ADDONS } from "../constructs/cluster/addons";
import { ControlPlane } from "../constructs/cluster/control-plane";
import { ADDON_IDENTITIES } from "../constructs/cluster/identities";
import { NodeGroups } from "../constructs/cluster/node-groups";
import { PodIdentities } from "../constructs/cluster/pod-identities";
import { releaseClass } from "../constructs/platform/platform";
import { watchdogTopicName } from "../constructs/platform/watchdog";
import type { DataFacts } from "./data-stack";
import { exportFacts, FleetStack, type Synthesis } from "./fleet-stack";
import type { FoundationFacts } from "./foundation-stack";
import type { NetworkFacts } from "./network-stack";

/** What other stacks may know of a colour's cluster. */
export interface ClusterFacts {
  readonly name: string;
  readonly endpoint: string;
  /** Base64 of the API server's certificate authority. */
  readonly certificateAuthority: string;
  /** Security group of control plane and nodes. */
  readonly securityGroupId: string;
}

/** Options of {@link ClusterStack}. */
export interface ClusterStackProps {
  readonly synthesis: Synthesis;
  readonly cluster: Cluster;
  readonly colour: Colour;
  readonly network: NetworkFacts;
  readonly data: DataFacts;
  readonly foundation: FoundationFacts;
}

/** One colour's EKS cluster: control plane, access, nodes, add-ons, and an AWS identity for each controller. */
export class ClusterStack extends FleetStack {
  readonly facts: ClusterFacts;

  constructor(app: App, { synthesis, cluster, colour, network, data, foundation }: ClusterStackProps) {
    const { fleet } = synthesis;
    const tags = { "drydock:cluster": cluster.name, "drydock:colour": colour.name };
    super(app, `${cluster.name}-${colour.name}-cluster`, { synthesis, placement: cluster, tags });
    const name = colourName(fleet.name, cluster.name, colour.name);
    const { account, partition, region } = cluster;
    const { boundaryArn } = foundation;
    const transforms = cluster.transform.cluster;

    const controlPlane = new ControlPlane(this, "control-plane", {
      name,
      partition,
      region,
      account,
      kubernetes: colour.kubernetes,
      subnetIds: network.privateSubnets.map(({ id }) => id),
      publicCidrs: cluster.api.publicCidrs,
      logRetentionDays: cluster.logs.controlPlane,
      logsKeyArn: data.logs.keyArn,
      boundaryArn,
      protect: colour.protect,
      transforms,
    });
    const { clusterName } = controlPlane;
    new Access(this, "access", {
      partition,
      clusterName,
      principals: {
        ...fleet.access,
        plan: present(foundation.planRoleArn),
        deploy: [...present(foundation.deployRoleArn), ...present(cluster.assumeRoleArn), ...fleet.access.deployers],
      },
    });

    const identities = new PodIdentities(this, "identities", {
      fleet: fleet.name,
      cluster: cluster.name,
      colour: colour.name,
      clusterName,
      boundaryArn,
      facts: {
        partition,
        region,
        account,
        clusterName: name,
        colour: colour.name,
        volumesKeyArn: data.volumesKeyArn,
        backups: { bucketArn: data.backups.bucket.arn, keyArn: data.backups.keyArn },
        logs: { bucketArn: data.logs.buckets[colour.name].arn, keyArn: data.logs.keyArn },
        alerts: {
          topicArn: foundation.alertTopicArn,
          watchdogTopicArn: `arn:${partition}:sns:${region}:${account}:${watchdogTopicName(name)}`,
          keyArn: foundation.alertKeyArn,
        },
        zoneArn: `arn:${partition}:route53:::hostedzone/${foundation.zoneIdFor(cluster.domain)}`,
        secretsArn: `arn:${partition}:secretsmanager:${region}:${account}:secret:${fleet.name}/${cluster.name}/*`,
      },
      identities: [...ADDON_IDENTITIES, ...cluster.releases.flatMap((release) => releaseClass(release.name).identities ?? [])],
      transform: transforms?.role,
    });
    const addons = (id: string, names: typeof NODE_ADDONS | typeof CLUSTER_ADDONS, after: readonly ITerraformDependable[]) =>
      new Addons(this, id, {
        clusterName,
        region,
        interfaces: mostInterfaces(cluster),
        names,
        versions: colour.versions,
        after,
        transforms,
      });
    const addonIdentities = ADDON_IDENTITIES.flatMap(({ controller }) => present(identities.associations.get(controller)));
    const nodeAddons = addons("node-addons", NODE_ADDONS, addonIdentities);
    const nodes = new NodeGroups(this, "nodes", {
      name,
      clusterName,
      partition,
      colour,
      image: cluster.nodes.image,
      groups: cluster.nodes.groups,
      subnets: network.privateSubnets,
      volumesKeyArn: data.volumesKeyArn,
      boundaryArn,
      tags: this.defaultTags,
      after: nodeAddons.ready,
      transforms,
    });
    addons("addons", CLUSTER_ADDONS, nodes.systemReady);

    this.facts = {
      name: clusterName,
      endpoint: controlPlane.endpoint,
      certificateAuthority: controlPlane.certificateAuthority,
      securityGroupId: controlPlane.securityGroupId,
    };
    exportFacts(this, this.facts);
    transforms?.stack?.(this);
  }
}

/** The most network interfaces that a node of the cluster can have. */
function mostInterfaces({ nodes }: Cluster): number {
  return Math.max(...nodes.groups.flatMap(({ instanceTypes }) => instanceTypes.map((name) => instanceType(name)?.interfaces ?? 1)));
}

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}
