import { Construct } from "constructs";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { EksCluster, type EksClusterConfig } from "@cdktf/provider-aws/lib/eks-cluster";
import { transformed, type EksTransforms } from "../../config/transforms";
import { EncryptionKey } from "../data/encryption-key";
import { serviceTrust } from "../policy";
import { Role } from "../role";

const LOG_TYPES = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

/** Options of {@link ControlPlane}. */
export interface ControlPlaneProps {
  readonly name: string;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  /** Kubernetes minor. */
  readonly kubernetes: string;
  readonly subnetIds: readonly string[];
  /** Ranges that reach the public endpoint; empty for a private one. */
  readonly publicCidrs: readonly string[];
  readonly logRetentionDays: number;
  /** Key of the log group. */
  readonly logsKeyArn: string;
  readonly boundaryArn: string;
  readonly protect: boolean;
  readonly transforms: EksTransforms | undefined;
}

/**
 * The EKS control plane: secrets encrypted under a key of its own, every log kept in a group that Terraform made
 * first, rights only through access entries, and standard support only, so that no one pays for a forgotten minor.
 */
export class ControlPlane extends Construct {
  readonly clusterName: string;
  readonly endpoint: string;
  readonly certificateAuthority: string;
  readonly securityGroupId: string;

  constructor(scope: Construct, id: string, props: ControlPlaneProps) {
    super(scope, id);
    const { name, transforms } = props;
    const role = new Role(this, "role", {
      name: `${name}-control-plane`,
      trust: serviceTrust("eks.amazonaws.com"),
      boundaryArn: props.boundaryArn,
      managedPolicyArns: [`arn:${props.partition}:iam::aws:policy/AmazonEKSClusterPolicy`],
      // EKS writes its last lines while it is deleted, and would make the group anew after Terraform removed it.
      statements: [{ effect: "Deny", actions: ["logs:CreateLogGroup"], onAnyBecause: "DenyCoversAll" }],
      transform: transforms?.role,
    });
    const logs = new CloudwatchLogGroup(this, "logs", {
      name: `/aws/eks/${name}/cluster`,
      retentionInDays: props.logRetentionDays,
      kmsKeyId: props.logsKeyArn,
      // Destroyed before the denial above, while EKS still may not make it anew.
      dependsOn: [...role.policies],
    });
    const secrets = new EncryptionKey(this, "secrets", {
      alias: `${name}-secrets`,
      description: `Kubernetes secrets of ${name}`,
      partition: props.partition,
      account: props.account,
      transform: transforms?.key,
    });
    const config: EksClusterConfig = {
      name,
      version: props.kubernetes,
      roleArn: role.arn,
      bootstrapSelfManagedAddons: false,
      deletionProtection: props.protect,
      enabledClusterLogTypes: LOG_TYPES,
      accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
      encryptionConfig: { provider: { keyArn: secrets.arn }, resources: ["secrets"] },
      upgradePolicy: { supportType: "STANDARD" },
      vpcConfig: {
        subnetIds: [...props.subnetIds],
        endpointPrivateAccess: true,
        endpointPublicAccess: props.publicCidrs.length > 0,
        ...(props.publicCidrs.length > 0 ? { publicAccessCidrs: [...props.publicCidrs] } : {}),
      },
      // Deletion protection alone would refuse only after Terraform has removed the nodes; this refuses the plan.
      ...(props.protect ? { lifecycle: { preventDestroy: true } } : {}),
      dependsOn: [logs, ...role.policies],
    };
    const cluster = new EksCluster(this, "cluster", transformed(transforms?.cluster, config, id));
    this.clusterName = cluster.name;
    this.endpoint = cluster.endpoint;
    this.certificateAuthority = cluster.certificateAuthority.get(0).data;
    this.securityGroupId = cluster.vpcConfig.clusterSecurityGroupId;
  }
}
