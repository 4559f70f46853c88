import type { TerraformStack } from "cdktf";
import type { AcmCertificateConfig } from "@cdktf/provider-aws/lib/acm-certificate";
import type { EksAddonConfig } from "@cdktf/provider-aws/lib/eks-addon";
import type { EksClusterConfig } from "@cdktf/provider-aws/lib/eks-cluster";
import type { EksNodeGroupConfig } from "@cdktf/provider-aws/lib/eks-node-group";
import type { IamRoleConfig } from "@cdktf/provider-aws/lib/iam-role";
import type { KmsKeyConfig } from "@cdktf/provider-aws/lib/kms-key";
import type { LaunchTemplateConfig } from "@cdktf/provider-aws/lib/launch-template";
import type { LbConfig } from "@cdktf/provider-aws/lib/lb";
import type { LbListenerConfig } from "@cdktf/provider-aws/lib/lb-listener";
import type { LbTargetGroupConfig } from "@cdktf/provider-aws/lib/lb-target-group";
import type { NatGatewayConfig } from "@cdktf/provider-aws/lib/nat-gateway";
import type { Route53ZoneConfig } from "@cdktf/provider-aws/lib/route53-zone";
import type { S3BucketConfig } from "@cdktf/provider-aws/lib/s3-bucket";
import type { SubnetConfig } from "@cdktf/provider-aws/lib/subnet";
import type { VpcConfig } from "@cdktf/provider-aws/lib/vpc";
import type { VpcEndpointConfig } from "@cdktf/provider-aws/lib/vpc-endpoint";
import type { ReleaseConfig } from "@cdktf/provider-helm/lib/release";

/**
 * Has the last word on one resource's arguments.
 * @param args what Drydock would pass to the provider
 * @param id the construct's id, to tell resources of one family apart
 * @returns the arguments to use; spread `args` and change what must differ
 */
export type Transform<Arguments> = (args: Arguments, id: string) => Arguments;

/**
 * One function per construct family, and `stack`, which sees the finished stack and may use cdktf's own
 * `addOverride` on any of its children.
 */
export type Transforms<Families> = {
  readonly [Family in keyof Families]?: Transform<Families[Family]>;
} & {
  readonly stack?: (stack: TerraformStack) => void;
};

/** Families of the foundation stack. */
export type FoundationTransforms = Transforms<{
  bucket: S3BucketConfig;
  key: KmsKeyConfig;
  zone: Route53ZoneConfig;
  role: IamRoleConfig;
}>;

/** Families of the data stack. */
export type DataTransforms = Transforms<{ bucket: S3BucketConfig; key: KmsKeyConfig }>;

/** Families of the network stack. */
export type NetworkTransforms = Transforms<{
  vpc: VpcConfig;
  subnet: SubnetConfig;
  natGateway: NatGatewayConfig;
  endpoint: VpcEndpointConfig;
}>;

/** Families of the cluster stack. */
export type EksTransforms = Transforms<{
  cluster: EksClusterConfig;
  launchTemplate: LaunchTemplateConfig;
  nodeGroup: EksNodeGroupConfig;
  addon: EksAddonConfig;
  role: IamRoleConfig;
  key: KmsKeyConfig;
}>;

/** Families of the traffic stack. */
export type TrafficTransforms = Transforms<{
  loadBalancer: LbConfig;
  listener: LbListenerConfig;
  targetGroup: LbTargetGroupConfig;
  certificate: AcmCertificateConfig;
}>;

/** Arguments of a release, with its values as an object. */
export interface ReleaseArguments extends Omit<ReleaseConfig, "values" | "dependsOn"> {
  readonly values: Readonly<Record<string, unknown>>;
}

/** Families of the platform stack. */
export type PlatformTransforms = Transforms<{ release: ReleaseArguments }>;

/** The escape hatch of a cluster: one entry per stack. */
export interface ClusterTransforms {
  /** The data stack's resources. */
  readonly data?: DataTransforms;
  /** The network stack's resources. */
  readonly network?: NetworkTransforms;
  /** The resources of every colour's cluster stack. */
  readonly cluster?: EksTransforms;
  /** The traffic stack's resources. */
  readonly traffic?: TrafficTransforms;
  /** The releases of every colour's platform stack, each by its name. */
  readonly platform?: PlatformTransforms;
}

/** Applies a transform when there is one. */
export function transformed<Arguments>(transform: Transform<Arguments> | undefined, args: Arguments, id: string): Arguments {
  return transform ? transform(args, id) : args;
}
