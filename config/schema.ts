import { z } from "zod";
import type { ClusterDeclaration, ExistingNetworkDeclaration, NetworkDeclaration } from "./cluster-declaration";
import type { FleetDeclaration } from "./declaration";
import { COLOURS } from "./fleet";
import type { ReleaseOptions } from "./platform-declaration";

const ACCOUNT = z.string().regex(/^\d{12}$/, "is not a 12-digit AWS account id");
const REGION = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "is not an AWS region such as eu-west-1");
const ZONE = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, "is not an availability zone such as eu-west-1a");
const LABEL = z
  .string()
  .regex(/^[a-z]([a-z0-9-]*[a-z0-9])?$/, "is not a DNS label (lower case letters, digits and hyphens, a letter first)");
const DOMAIN = z
  .string()
  .max(200)
  .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, "is not a DNS name such as k8s.example.org");
const CIDR = z.cidrv4("is not an IPv4 range such as 10.10.0.0/16");
const ROLE_ARN = z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, "is not the ARN of an IAM role");
const DAYS = z.int().min(1).max(3653);
const transforms = z.custom<never>((value) => typeof value === "object" && value !== null, "is not an object of functions").optional();

const subnet = z.strictObject({ id: z.string().regex(/^subnet-[0-9a-f]{8,17}$/, "is not a subnet id"), zone: ZONE, cidr: CIDR });

const existingNetwork = z.strictObject({
  existing: z.strictObject({
    vpcId: z.string().regex(/^vpc-[0-9a-f]{8,17}$/, "is not a VPC id"),
    cidr: CIDR,
    privateSubnets: z.array(subnet).min(2).max(3),
    publicSubnets: z.array(subnet).min(2).max(3),
  }),
}) satisfies z.ZodType<ExistingNetworkDeclaration>;

const madeNetwork = z.strictObject({
  cidr: CIDR,
  zones: z.union([z.literal(2), z.literal(3), z.array(ZONE).min(2).max(3)], "is neither 2, 3 nor a list of two or three zones").optional(),
  nat: z.enum(["per-zone", "one", "none"]).optional(),
  interfaceEndpoints: z
    .array(z.enum(["ecr.api", "ecr.dkr", "sts", "ec2", "logs", "eks", "eks-auth", "elasticloadbalancing", "autoscaling", "sns"]))
    .optional(),
  flowLogs: z.union([DAYS, z.literal(false)], "is neither a number of days nor false").optional(),
}) satisfies z.ZodType<NetworkDeclaration>;

/** The schema of a network declaration: which of the two forms is meant shows in the key `existing`. */
export function networkSchema(network: object): typeof existingNetwork | typeof madeNetwork {
  return "existing" in network ? existingNetwork : madeNetwork;
}

const network = z.looseObject({}).superRefine((value, context) => {
  const result = networkSchema(value).safeParse(value);
  for (const issue of result.error?.issues ?? []) context.addIssue({ ...issue });
}) as z.ZodType as z.ZodType<NetworkDeclaration | ExistingNetworkDeclaration>;

const nodeGroup = z.strictObject({
  instanceTypes: z.array(z.string()).min(1).max(20),
  capacity: z.enum(["on-demand", "spot"]).optional(),
  onDemandFallback: z.boolean().optional(),
  volumes: z.boolean().optional(),
  min: z.int().min(0).max(450),
  max: z.int().min(1).max(450),
  diskGiB: z.int().min(20).max(16384).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  taints: z
    .array(
      z.strictObject({
        key: z.string().min(1).max(63),
        value: z.string().max(63),
        effect: z.enum(["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"]),
      }),
    )
    .max(49)
    .optional(),
  maxUnavailablePercent: z.int().min(1).max(100).optional(),
});

const cluster = z.strictObject({
  account: ACCOUNT.optional(),
  region: REGION.optional(),
  assumeRoleArn: ROLE_ARN.optional(),
  protect: z.boolean().optional(),
  whenOff: z.enum(["data", "nothing"]).optional(),
  network,
  api: z.strictObject({ publicCidrs: z.array(CIDR) }).optional(),
  nodes: z.strictObject({ image: z.enum(["al2023", "bottlerocket"]).optional(), groups: z.record(z.string(), nodeGroup) }),
  traffic: z.strictObject({ allowFrom: z.array(CIDR) }).optional(),
  backups: z.record(z.string(), z.strictObject({ cron: z.string(), keepDays: DAYS })).optional(),
  logs: z.strictObject({ controlPlane: DAYS.optional(), containers: DAYS.optional() }).optional(),
  // Which releases there are, and what each may be told, is checked against the releases themselves.
  platform: z
    .record(z.string(), z.union([z.boolean(), z.looseObject({})], "is neither true, false nor an object of options"))
    .optional() as z.ZodType as z.ZodType<ReleaseOptions | undefined>,
  transform: transforms,
}) satisfies z.ZodType<ClusterDeclaration>;

/** Shape of `fleet.ts`. What depends on more than one field is checked under `checks/`. */
export const fleetSchema = z.strictObject({
  name: LABEL.min(2).max(16),
  account: ACCOUNT,
  region: REGION,
  domain: DOMAIN,
  owner: z.email("is not an e-mail address"),
  github: z
    .strictObject({
      repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, "is not a repository as owner/name"),
      branch: z
        .string()
        .regex(/^[\w./-]+$/, "is not a branch name")
        .optional(),
      oidcProviderArn: z
        .string()
        .regex(
          /^arn:aws[a-z-]*:iam::\d{12}:oidc-provider\/token\.actions\.githubusercontent\.com$/,
          "is not the ARN of GitHub's OIDC provider",
        )
        .optional(),
    })
    .optional(),
  access: z.strictObject({
    admins: z.array(ROLE_ARN),
    viewers: z.array(ROLE_ARN).optional(),
    deployers: z.array(ROLE_ARN).optional(),
    breakGlass: z.array(ROLE_ARN).optional(),
  }),
  state: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("local") }),
      z.strictObject({
        kind: z.literal("s3"),
        bucket: z
          .string()
          .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "is not an S3 bucket name")
          .optional(),
      }),
      z.strictObject({ kind: z.literal("hcp"), organization: z.string().min(1), hostname: z.string().min(1).optional() }),
    ])
    .optional(),
  monthlyBudgetUsd: z.number().positive().optional(),
  hostedZone: z.strictObject({ id: z.string().regex(/^Z[A-Z0-9]{5,31}$/, "is not a Route 53 zone id") }).optional(),
  tags: z.record(z.string().min(1).max(128), z.string().max(256)).optional(),
  transform: transforms,
  clusters: z.record(z.string(), cluster),
}) satisfies z.ZodType<FleetDeclaration>;

const colour = z.strictObject({
  kubernetes: z.string(),
  weight: z.int().min(0).max(100),
  nodeRelease: z
    .string()
    .regex(/^\d+\.\d+\.\d+-[\w.]+$/, "is not a node image release such as 1.36.3-20260911")
    .optional(),
});

/** Shape of `fleet.state.json`. */
export const stateSchema = z.record(
  z.string(),
  z.strictObject({
    colours: z.strictObject({ blue: colour.optional(), green: colour.optional() }),
    served: z.enum(COLOURS).optional(),
    liftProtection: z.boolean().optional(),
  }),
);

/** `fleet.state.json`: per cluster which colours run, at which minor and weight, and what is switched on. */
export type FleetState = z.infer<typeof stateSchema>;
