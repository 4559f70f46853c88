import { Construct } from "constructs";
import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { policyDocument } from "../policy";

/** Services whose resources the fleet is made of. */
export const FLEET_SERVICES = [
  "acm",
  "autoscaling",
  "budgets",
  "cloudwatch",
  "ec2",
  "eks",
  "elasticloadbalancing",
  "kms",
  "logs",
  "route53",
  "s3",
  "sns",
] as const;

/** Options of {@link PermissionsBoundary}. */
export interface PermissionsBoundaryProps {
  readonly name: string;
  readonly partition: string;
  readonly account: string;
}

/**
 * The most that any role of the fleet can ever do: the services that the fleet is made of, and nothing in IAM. Because
 * the deploy role may make roles only with this boundary, it cannot give itself, or a pod, more than it has.
 */
export class PermissionsBoundary extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { name, partition, account }: PermissionsBoundaryProps) {
    super(scope, id);
    const policy = new IamPolicy(this, "policy", {
      name,
      description: "The most that any role of the fleet can ever do",
      policy: policyDocument([
        { actions: [...FLEET_SERVICES, "ecr", "eks-auth"].map((service) => `${service}:*`), onAnyBecause: "BoundaryNotGrant" },
        // Secrets that external-secrets brings in; none is made or changed by the fleet.
        {
          actions: ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"],
          onAnyBecause: "BoundaryNotGrant",
        },
        // EKS makes the service-linked roles of load balancing and node groups on first use.
        { actions: ["iam:CreateServiceLinkedRole"], on: [`arn:${partition}:iam::${account}:role/aws-service-role/*`] },
        { actions: ["iam:GetRole", "iam:ListAttachedRolePolicies"], on: [`arn:${partition}:iam::${account}:role/*`] },
      ]),
    });
    this.arn = policy.arn;
  }
}
