import { Construct } from "constructs";
import { EksAccessEntry } from "@cdktf/provider-aws/lib/eks-access-entry";
import { EksAccessPolicyAssociation } from "@cdktf/provider-aws/lib/eks-access-policy-association";

/** What each right means: EKS's access policy, and the Kubernetes group that admission policies match. */
const RIGHTS = {
  admins: { policy: "AmazonEKSClusterAdminPolicy", group: "drydock:admins" },
  viewers: { policy: "AmazonEKSViewPolicy", group: "drydock:viewers" },
  // Refreshing a Helm release reads the secret that Helm keeps it in; AmazonEKSViewPolicy cannot.
  plan: { policy: "AmazonEKSAdminViewPolicy", group: "drydock:plan" },
  deploy: { policy: "AmazonEKSClusterAdminPolicy", group: "drydock:deploy" },
  breakGlass: { policy: "AmazonEKSClusterAdminPolicy", group: "drydock:break-glass" },
} as const;

/** A right on a cluster. */
export type Right = keyof typeof RIGHTS;

/** Options of {@link Access}. */
export interface AccessProps {
  readonly partition: string;
  readonly clusterName: string;
  /** ARNs of IAM roles by right. */
  readonly principals: Readonly<Record<Right, readonly string[]>>;
}

/** Access entries: who may do what on the cluster. Nobody has rights by having made it. */
export class Access extends Construct {
  constructor(scope: Construct, id: string, { partition, clusterName, principals }: AccessProps) {
    super(scope, id);
    for (const [right, { policy, group }] of Object.entries(RIGHTS) as [Right, (typeof RIGHTS)[Right]][]) {
      for (const [index, principalArn] of principals[right].entries()) {
        const name = `${right}-${index}`;
        const entry = new EksAccessEntry(this, name, { clusterName, principalArn, type: "STANDARD", kubernetesGroups: [group] });
        new EksAccessPolicyAssociation(this, `${name}-policy`, {
          clusterName,
          principalArn: entry.principalArn,
          policyArn: `arn:${partition}:eks::aws:cluster-access-policy/${policy}`,
          accessScope: { type: "cluster" },
        });
      }
    }
  }
}
