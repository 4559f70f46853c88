import { Construct } from "constructs";
import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { policyDocument } from "../policy";

/** Options of {@link PermissionsBoundary}. */
export interface PermissionsBoundaryProps {
  readonly name: string;
  readonly partition: string;
  readonly account: string;
}

/**
 * The most that any role of the fleet can ever do: nothing in IAM, Organizations or billing. Because the deploy role
 * may make roles only with this boundary, it cannot give itself, or a pod, more than it has.
 */
export class PermissionsBoundary extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { name, partition, account }: PermissionsBoundaryProps) {
    super(scope, id);
    const policy = new IamPolicy(this, "policy", {
      name,
      description: "The most that any role of the fleet can ever do",
      policy: policyDocument([
        { notActions: ["iam:*", "organizations:*", "account:*", "aws-portal:*", "sts:*"], onAnyBecause: "BoundaryNotGrant" },
        // EKS makes the service-linked roles of load balancing and node groups on first use.
        { actions: ["iam:CreateServiceLinkedRole"], on: [`arn:${partition}:iam::${account}:role/aws-service-role/*`] },
        { actions: ["iam:GetRole", "iam:ListAttachedRolePolicies"], on: [`arn:${partition}:iam::${account}:role/*`] },
      ]),
    });
    this.arn = policy.arn;
  }
}
