import type { App } from "cdktf";
import { Fn } from "cdktf";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import type { Cluster, Colour } from "../config/fleet";
import { colourName } from "../config/names";
import { Platform } from "../constructs/platform/platform";
import { Watchdog } from "../constructs/platform/watchdog";
import { INGRESS_PORTS } from "../constructs/traffic/load-balancer";
import type { ClusterFacts } from "./cluster-stack";
import type { DataFacts } from "./data-stack";
import { FleetStack, type Synthesis } from "./fleet-stack";
import type { FoundationFacts } from "./foundation-stack";
import type { NetworkFacts } from "./network-stack";
import type { TrafficFacts } from "./traffic-stack";

/** Options of {@link PlatformStack}. */
export interface PlatformStackProps {
  readonly synthesis: Synthesis;
  readonly cluster: Cluster;
  readonly colour: Colour;
  readonly eks: ClusterFacts;
  readonly network: NetworkFacts;
  readonly traffic: TrafficFacts;
  readonly data: DataFacts;
  readonly foundation: FoundationFacts;
}

/** The pinned releases on one colour, the load balancer's way to its ingress pods, and the watch over its alerts. */
export class PlatformStack extends FleetStack {
  readonly platform: Platform;

  constructor(app: App, { synthesis, cluster, colour, eks, network, traffic, data, foundation }: PlatformStackProps) {
    const { fleet } = synthesis;
    const tags = { "drydock:cluster": cluster.name, "drydock:colour": colour.name };
    super(app, `${cluster.name}-${colour.name}-platform`, { synthesis, placement: cluster, tags });
    const name = colourName(fleet.name, cluster.name, colour.name);
    this.connect(cluster, eks);

    for (const [purpose, port] of Object.entries(INGRESS_PORTS)) {
      new VpcSecurityGroupIngressRule(this, `load-balancer-${purpose}`, {
        securityGroupId: eks.securityGroupId,
        description: `Load balancer to the ingress pods: ${purpose}`,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        referencedSecurityGroupId: traffic.loadBalancerSecurityGroupId,
      });
    }
    const watchdog = new Watchdog(this, "watchdog", {
      name,
      alertKeyArn: foundation.alertKeyArn,
      alertTopicArn: foundation.alertTopicArn,
    });
    this.platform = new Platform(this, "platform", {
      fleet,
      cluster,
      colour,
      name,
      problems: synthesis.problems,
      facts: {
        clusterName: eks.name,
        vpcId: network.vpcId,
        loadBalancerCidrs: network.publicSubnets.map(({ cidr }) => cidr),
        loadBalancerDnsName: traffic.loadBalancerDnsName,
        domain: traffic.domain,
        targetGroupArn: traffic.targetGroupArns[colour.name],
        volumesKeyArn: data.volumesKeyArn,
        backupBucket: data.backups.bucket.name,
        logBucket: data.logs.buckets[colour.name].name,
        alertTopicArn: foundation.alertTopicArn,
        watchdogTopicArn: watchdog.topicArn,
      },
    });
    const monitoring = this.platform.releases.get("kube-prometheus-stack");
    if (monitoring) watchdog.listenAfter([monitoring.resource]);
    cluster.transform.platform?.stack?.(this);
  }

  /** The way to the Kubernetes API: a token of the caller's own role for each run, and nothing of it in state. */
  private connect({ region, assumeRoleArn }: Cluster, { name, endpoint, certificateAuthority }: ClusterFacts): void {
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "aws",
      args: [
        ...["eks", "get-token", "--cluster-name", name, "--region", region],
        ...(assumeRoleArn === undefined ? [] : ["--role-arn", assumeRoleArn]),
      ],
    };
    const clusterCaCertificate = Fn.base64decode(certificateAuthority);
    new HelmProvider(this, "helm", { kubernetes: { host: endpoint, clusterCaCertificate, exec } });
    new KubernetesProvider(this, "kubernetes", { host: endpoint, clusterCaCertificate, exec: [exec] });
  }
}
