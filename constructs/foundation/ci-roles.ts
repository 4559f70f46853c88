import { Construct } from "constructs";
import { IamOpenidConnectProvider } from "@cdktf/provider-aws/lib/iam-openid-connect-provider";
import type { IamRoleConfig } from "@cdktf/provider-aws/lib/iam-role";
import type { Transform } from "../../config/transforms";
import { trust, type Statement } from "../policy";
import { Role } from "../role";

const ISSUER = "token.actions.githubusercontent.com";
const AUDIENCE = "sts.amazonaws.com";

/** Services whose resources the fleet is made of. */
const SERVICES = [
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

/** Options of {@link CiRoles}. */
export interface CiRolesProps {
  readonly fleet: string;
  readonly partition: string;
  readonly account: string;
  /** `owner/name` of the repository that may assume the roles. */
  readonly repository: string;
  /** Branch that may deploy. */
  readonly branch: string;
  /** ARN of an OIDC provider to adopt. */
  readonly oidcProviderArn: string | undefined;
  /** Boundary that every role the deploy role makes must carry. */
  readonly boundaryArn: string;
  /** Bucket with Terraform's state. */
  readonly stateBucket: string;
  /** Key of that bucket, where this foundation holds it. */
  readonly stateKeyArn: string | undefined;
  readonly transform?: Transform<IamRoleConfig> | undefined;
}

/**
 * Trust in GitHub's OIDC tokens, and the two roles that workflows assume with them: `plan` reads, from every branch
 * and pull request of the repository; `deploy` writes, only from the deploying branch.
 */
export class CiRoles extends Construct {
  readonly planRoleArn: string;
  readonly deployRoleArn: string;

  constructor(scope: Construct, id: string, props: CiRolesProps) {
    super(scope, id);
    const issuer =
      props.oidcProviderArn ?? new IamOpenidConnectProvider(this, "github", { url: `https://${ISSUER}`, clientIdList: [AUDIENCE] }).arn;
    const trusted = (subjects: readonly string[]) =>
      trust({ Federated: issuer }, ["sts:AssumeRoleWithWebIdentity"], {
        StringEquals: { [`${ISSUER}:aud`]: AUDIENCE },
        StringLike: { [`${ISSUER}:sub`]: subjects },
      });
    this.planRoleArn = new Role(this, "plan", {
      name: `${props.fleet}-plan`,
      trust: trusted([`repo:${props.repository}:pull_request`, `repo:${props.repository}:ref:refs/heads/*`]),
      boundaryArn: undefined,
      managedPolicyArns: [`arn:${props.partition}:iam::aws:policy/ReadOnlyAccess`],
      statements: planStatements(props),
      transform: props.transform,
    }).arn;
    this.deployRoleArn = new Role(this, "deploy", {
      name: `${props.fleet}-deploy`,
      trust: trusted([`repo:${props.repository}:ref:refs/heads/${props.branch}`]),
      boundaryArn: undefined,
      statements: deployStatements(props),
      transform: props.transform,
    }).arn;
  }
}

function planStatements({ partition, stateBucket, stateKeyArn }: CiRolesProps): Statement[] {
  return [
    // ReadOnlyAccess reads objects of every bucket; backups and logs are none of a plan's business.
    { effect: "Deny", actions: ["s3:GetObject", "s3:GetObjectVersion"], onAllBut: [`arn:${partition}:s3:::${stateBucket}/*`] },
    {
      effect: "Deny",
      actions: [
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "sqs:ReceiveMessage",
        "logs:GetLogEvents",
        "logs:FilterLogEvents",
        "logs:StartQuery",
      ],
      onAnyBecause: "DenyCoversAll",
    },
    ...(stateKeyArn === undefined ? [] : [{ actions: ["kms:Decrypt"], on: [stateKeyArn] }]),
    // What a role may do inside a cluster is decided by its access entry.
    { actions: ["eks:AccessKubernetesApi"], on: [`arn:${partition}:eks:*:*:cluster/*`] },
  ];
}

function deployStatements({ fleet, partition, account, boundaryArn }: CiRolesProps): Statement[] {
  const fleetRoles = `arn:${partition}:iam::${account}:role/${fleet}-*`;
  const ciRoles = ["plan", "deploy"].map((name) => `arn:${partition}:iam::${account}:role/${fleet}-${name}`);
  return [
    { actions: SERVICES.map((service) => `${service}:*`), onAnyBecause: "ServicesOfTheFleet" },
    {
      actions: ["iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:AttachRolePolicy", "iam:DetachRolePolicy"],
      on: [fleetRoles],
      when: { StringEquals: { "iam:PermissionsBoundary": boundaryArn } },
    },
    { actions: ["iam:DeleteRole", "iam:UpdateRole", "iam:UpdateAssumeRolePolicy", "iam:TagRole", "iam:UntagRole"], on: [fleetRoles] },
    {
      actions: ["iam:PassRole"],
      on: [fleetRoles],
      when: {
        StringEquals: {
          "iam:PassedToService": ["eks.amazonaws.com", "ec2.amazonaws.com", "pods.eks.amazonaws.com", "vpc-flow-logs.amazonaws.com"],
        },
      },
    },
    {
      actions: [
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "iam:GetOpenIDConnectProvider",
        "iam:ListRolePolicies",
        "iam:ListAttachedRolePolicies",
        "iam:ListInstanceProfilesForRole",
        "iam:ListPolicyVersions",
      ],
      onAnyBecause: "ReadsForRefresh",
    },
    { actions: ["iam:CreateServiceLinkedRole"], on: [`arn:${partition}:iam::${account}:role/aws-service-role/*`] },
    // Whoever can change the boundary or the roles of CI is not bounded: that stays with people.
    {
      effect: "Deny",
      actions: ["iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:DeleteRolePermissionsBoundary"],
      on: ciRoles,
    },
  ];
}
