import { Construct } from "constructs";
import { Token, type ITerraformDependable } from "cdktf";
import { EksNodeGroup, type EksNodeGroupConfig } from "@cdktf/provider-aws/lib/eks-node-group";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import type { Colour, NodeGroup } from "../../config/fleet";
import { instanceType } from "../../config/instance-types";
import { nodeGroupName } from "../../config/names";
import { transformed, type EksTransforms } from "../../config/transforms";
import type { ZonedSubnet } from "../network/vpc";
import { serviceTrust } from "../policy";
import { Role } from "../role";
import { launchTemplateConfig } from "./launch-template";

/** Label with the declared group's name; what add-ons and the platform select. */
export const GROUP_LABEL = "drydock.dev/group";

/** Taint that keeps everything but add-ons and the platform off the system group. */
export const SYSTEM_TAINT = { key: "CriticalAddonsOnly", value: "true", effect: "NO_SCHEDULE" } as const;

/** Puts pods on the system nodes. The selector matters as much as the toleration, which only permits. */
export const ON_SYSTEM_NODES = {
  nodeSelector: { [GROUP_LABEL]: "system" },
  tolerations: [{ key: SYSTEM_TAINT.key, operator: "Exists" }],
} as const;

/** Options of {@link NodeGroups}. */
export interface NodeGroupsProps {
  /** Name of the colour, prefix of what is made. */
  readonly name: string;
  /** The cluster, known once it exists. */
  readonly clusterName: string;
  readonly partition: string;
  readonly colour: Colour;
  readonly image: "al2023" | "bottlerocket";
  readonly groups: readonly NodeGroup[];
  readonly subnets: readonly ZonedSubnet[];
  /** Key of the root volumes. */
  readonly volumesKeyArn: string;
  readonly boundaryArn: string;
  readonly tags: Readonly<Record<string, string>>;
  /** What nodes need to become ready: networking. */
  readonly after: readonly ITerraformDependable[];
  readonly transforms: EksTransforms | undefined;
}

interface Part {
  readonly capacity: "spot" | "on-demand";
  readonly min: number;
  readonly zone: string | undefined;
  readonly subnets: readonly ZonedSubnet[];
}

/** The managed node groups: each declared group, spread over ways of buying and, where it carries volumes, over zones. */
export class NodeGroups extends Construct {
  /** The system groups: what runs only there must not wait for spot capacity elsewhere. */
  readonly systemReady: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: NodeGroupsProps) {
    super(scope, id);
    const { transforms } = props;
    const role = new Role(this, "role", {
      name: `${props.name}-node`,
      trust: serviceTrust("ec2.amazonaws.com"),
      boundaryArn: props.boundaryArn,
      managedPolicyArns: ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"].map(
        (policy) => `arn:${props.partition}:iam::aws:policy/${policy}`,
      ),
      transform: transforms?.role,
    });
    const made = props.groups.flatMap((group) => {
      const template = new LaunchTemplate(
        this,
        `${group.name}-template`,
        transformed(
          transforms?.launchTemplate,
          launchTemplateConfig({ ...props, name: `${props.name}-${group.name}`, diskGiB: group.diskGiB }),
          group.name,
        ),
      );
      return spread(group, props.subnets).map((part) => {
        const shape = { amiType: amiType(props.image, group), instanceTypes: [...group.instanceTypes], capacity: part.capacity };
        const name = nodeGroupName(group.name, part.capacity, part.zone, shape);
        const config: EksNodeGroupConfig = {
          clusterName: props.clusterName,
          nodeGroupName: name,
          version: props.colour.kubernetes,
          releaseVersion: props.colour.nodeRelease,
          amiType: shape.amiType,
          nodeRoleArn: role.arn,
          subnetIds: part.subnets.map((subnet) => subnet.id),
          capacityType: part.capacity === "spot" ? "SPOT" : "ON_DEMAND",
          instanceTypes: shape.instanceTypes,
          scalingConfig: { minSize: part.min, maxSize: group.max, desiredSize: part.min },
          updateConfig: { maxUnavailablePercentage: group.maxUnavailablePercent },
          launchTemplate: { id: template.id, version: Token.asString(template.latestVersion) },
          labels: { [GROUP_LABEL]: group.name, ...group.labels },
          taint: [...(group.name === "system" ? [SYSTEM_TAINT] : []), ...group.taints],
          // The autoscaler moves the size from then on.
          lifecycle: { ignoreChanges: ["scaling_config[0].desired_size"] },
          dependsOn: [...props.after, ...role.policies],
        };
        return { group: group.name, resource: new EksNodeGroup(this, name, transformed(transforms?.nodeGroup, config, name)) };
      });
    });
    this.systemReady = made.filter(({ group }) => group === "system").map(({ resource }) => resource);
  }
}

/** A volume cannot leave its zone, so groups with volumes are made per zone; spot gets an on-demand twin. */
function spread(group: NodeGroup, subnets: readonly ZonedSubnet[]): Part[] {
  const places = group.volumes ? subnets.map((subnet) => ({ zone: subnet.zone, subnets: [subnet] })) : [{ zone: undefined, subnets }];
  const ways = [
    { capacity: group.capacity, min: group.min },
    ...(group.onDemandFallback ? [{ capacity: "on-demand" as const, min: 0 }] : []),
  ];
  return ways.flatMap((way) => places.map((place) => ({ ...way, ...place })));
}

function amiType(image: "al2023" | "bottlerocket", { instanceTypes }: NodeGroup): string {
  const arm = instanceTypes.some((name) => instanceType(name)?.architecture === "arm64");
  return image === "al2023" ? `AL2023_${arm ? "ARM_64" : "x86_64"}_STANDARD` : `BOTTLEROCKET_${arm ? "ARM_64" : "x86_64"}`;
}
