import { Construct } from "constructs";
import { IamOpenidConnectProvider } from "@cdktf/provider-aws/lib/iam-openid-connect-provider";
import type { IamRoleConfig } from "@cdktf/provider-aws/lib/iam-role";
import { ciRoleName } from "../../config/names";
import type { Transform } from "../../config/transforms";
import { trust, type Statement } from "../policy";
import { BOUNDED_ROLE_PATH, Role } from "../role";
import { FLEET_SERVICES } from "./permissions-boundary";

const ISSUER = "token.actions.githubusercontent.com";
const AUDIENCE = "sts.amazonaws.com";

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
  /** Roles in other accounts that Terraform assumes. */
  readonly assumeRoleArns: readonly string[];
  /** Bucket with Terraform's state. */
  readonly stateBucket: string;
  /** Key of that bucket, where this foundation holds it. */
  readonly stateKeyArn: string | undefined;
  /** Key for digests of hidden values, where this foundation holds it. */
  readonly reviewKeyArn: string | undefined;
  readonly transform?: Transform<IamRoleConfig> | undefined;
}

/**
 * The workflows that may ask for each role, by the file that holds the job. A pull request may change a workflow in its
 * own branch, so only those of the deploying branch count.
 */
export const TRUSTED_WORKFLOWS = {
  plan: ["plan.yml", "drift.yml"],
  deploy: ["deploy-stacks.yml"],
} as const;

/**
 * Trust in GitHub's OIDC tokens, and the two roles that workflows assume with them: `plan` reads, `deploy` writes. Both
 * trust only jobs that run on the deploying branch, from a workflow file of that branch.
 *
 * @see https://docs.github.com/en/actions/reference/security/oidc for the claims
 */
export class CiRoles extends Construct {
  readonly planRoleArn: string;
  readonly deployRoleArn: string;

  constructor(scope: Construct, id: string, props: CiRolesProps) {
    super(scope, id);
    const issuer =
      props.oidcProviderArn ?? new IamOpenidConnectProvider(this, "github", { url: `https://${ISSUER}`, clientIdList: [AUDIENCE] }).arn;
    const trusted = (workflows: readonly string[]) =>
      trust({ Federated: issuer }, ["sts:AssumeRoleWithWebIdentity"], {
        StringEquals: {
          [`${ISSUER}:aud`]: AUDIENCE,
          [`${ISSUER}:repository`]: props.repository,
          [`${ISSUER}:job_workflow_ref`]: workflows.map(
            (file) => `${props.repository}/.github/workflows/${file}@refs/heads/${props.branch}`,
          ),
        },
        StringLike: { [`${ISSUER}:sub`]: subjectsOf(props) },
      });
    this.planRoleArn = new Role(this, "plan", {
      name: ciRoleName(props.fleet, "plan"),
      trust: trusted(TRUSTED_WORKFLOWS.plan),
      boundaryArn: undefined,
      statements: planStatements(props),
      transform: props.transform,
    }).arn;
    this.deployRoleArn = new Role(this, "deploy", {
      name: ciRoleName(props.fleet, "deploy"),
      trust: trusted(TRUSTED_WORKFLOWS.deploy),
      boundaryArn: undefined,
      statements: deployStatements(props),
      // A fresh cluster, or nodes that a disruption budget slows down, take longer than the default hour.
      maxSessionSeconds: 4 * 3600,
      transform: props.transform,
    }).arn;
  }
}

/**
 * Subjects of jobs on the deploying branch. Repositories made since July 2026 have the owner's and their own number in it,
 * which nobody knows before; the claim `repository` says which one it is.
 */
function subjectsOf({ repository, branch }: CiRolesProps): readonly string[] {
  const [owner = "", name = ""] = repository.split("/");
  const end = `:ref:refs/heads/${branch}`;
  return [`repo:${repository}${end}`, `repo:${owner}@*/${name}@*${end}`];
}

/** What refreshing state reads. Narrower than AWS's ReadOnlyAccess, which reads logs, parameters and every object. */
const REFRESH_ACTIONS = [
  "acm:DescribeCertificate",
  "acm:List*",
  "autoscaling:Describe*",
  "budgets:ListTagsForResource",
  "budgets:ViewBudget",
  "cloudwatch:DescribeAlarms",
  "cloudwatch:ListTagsForResource",
  "ec2:Describe*",
  "eks:Describe*",
  "eks:List*",
  "elasticloadbalancing:Describe*",
  "iam:GetOpenIDConnectProvider",
  "iam:GetPolicy*",
  "iam:GetRole*",
  "iam:ListAttachedRolePolicies",
  "iam:ListInstanceProfilesForRole",
  "iam:ListPolicyVersions",
  "iam:ListRolePolicies",
  "kms:DescribeKey",
  "kms:GetKeyPolicy",
  "kms:GetKeyRotationStatus",
  "kms:ListAliases",
  "kms:ListResourceTags",
  "logs:Describe*",
  "logs:ListTagsForResource",
  "route53:Get*",
  "route53:List*",
  "s3:GetAccelerateConfiguration",
  "s3:GetBucket*",
  "s3:GetEncryptionConfiguration",
  "s3:GetLifecycleConfiguration",
  "s3:GetReplicationConfiguration",
  "s3:ListBucket",
  "sns:GetSubscriptionAttributes",
  "sns:GetTopicAttributes",
  "sns:ListTagsForResource",
] as const;

/** Plans take no lock (`-lock=false`), so they write nothing at all. */
function planStatements({ partition, stateBucket, stateKeyArn, reviewKeyArn }: CiRolesProps): Statement[] {
  return [
    { actions: [...REFRESH_ACTIONS], onAnyBecause: "ReadsForRefresh" },
    { actions: ["s3:GetObject"], on: [`arn:${partition}:s3:::${stateBucket}/*`] },
    ...(stateKeyArn === undefined ? [] : [{ actions: ["kms:Decrypt"], on: [stateKeyArn] }]),
    ...(reviewKeyArn === undefined ? [] : [{ actions: ["kms:GenerateMac"], on: [reviewKeyArn] }]),
  ];
}

function deployStatements({ fleet, partition, account, boundaryArn, assumeRoleArns }: CiRolesProps): Statement[] {
  const boundedRoles = `arn:${partition}:iam::${account}:role${BOUNDED_ROLE_PATH}${fleet}-*`;
  return [
    { actions: FLEET_SERVICES.map((service) => `${service}:*`), onAnyBecause: "ServicesOfTheFleet" },
    {
      actions: ["iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:AttachRolePolicy", "iam:DetachRolePolicy"],
      on: [boundedRoles],
      when: { StringEquals: { "iam:PermissionsBoundary": boundaryArn } },
    },
    { actions: ["iam:DeleteRole", "iam:UpdateRole", "iam:UpdateAssumeRolePolicy", "iam:TagRole", "iam:UntagRole"], on: [boundedRoles] },
    {
      actions: ["iam:PassRole"],
      on: [boundedRoles],
      when: {
        StringEquals: {
          "iam:PassedToService": ["eks.amazonaws.com", "ec2.amazonaws.com", "pods.eks.amazonaws.com", "vpc-flow-logs.amazonaws.com"],
        },
      },
    },
    { actions: REFRESH_ACTIONS.filter((action) => action.startsWith("iam:")), onAnyBecause: "ReadsForRefresh" },
    { actions: ["iam:CreateServiceLinkedRole"], on: [`arn:${partition}:iam::${account}:role/aws-service-role/*`] },
    ...(assumeRoleArns.length > 0 ? [{ actions: ["sts:AssumeRole"], on: assumeRoleArns }] : []),
  ];
}
