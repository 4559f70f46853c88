import { createHash } from "node:crypto";
import type { ColourName } from "./fleet";

// Every name that AWS limits is made here and nowhere else, so that the checks see exactly what the constructs use.

/** Name of a colour's EKS cluster, and prefix of what belongs to it. */
export function colourName(fleet: string, cluster: string, colour: ColourName): string {
  return `${fleet}-${cluster}-${colour}`;
}

/** Name of a cluster role's load balancer, and prefix of what belongs to it. */
export function clusterName(fleet: string, cluster: string): string {
  return `${fleet}-${cluster}`;
}

/** Name of the IAM role of a controller on a colour. */
export function controllerRoleName(fleet: string, cluster: string, colour: ColourName, controller: string): string {
  return `${colourName(fleet, cluster, colour)}-${controller}`;
}

/** Name of a bucket of a cluster role; the account makes it unique in the world. */
export function bucketName(fleet: string, cluster: string, purpose: string, account: string): string {
  return `${fleet}-${cluster}-${purpose}-${account}`;
}

/** Name of the bucket that holds Terraform's state of an account's home region. */
export function stateBucketName(fleet: string, account: string): string {
  return `${fleet}-state-${account}`;
}

/** Alias of the key with which a review's digests of hidden values are made. */
export function reviewKeyAlias(fleet: string): string {
  return `alias/${fleet}-review`;
}

/** What {@link reviewKeyAlias} gives, for any fleet. */
export const REVIEW_KEY_ALIAS = /^alias\/[a-z][a-z0-9-]*-review$/;

/** Name of one of the two roles that workflows assume. */
export function ciRoleName(fleet: string, role: "plan" | "deploy"): string {
  return `${fleet}-${role}`;
}

/**
 * Name of an EKS node group that a declared group becomes. It ends in a digest of what cannot be changed in place, so
 * that such a change makes a new group beside the old one. (`create_before_destroy` would spread to everything the
 * group depends on, and a cluster or role of a fixed name cannot be made before it is destroyed.)
 *
 * @param shape image type, instance types and way of buying
 */
export function nodeGroupName(group: string, capacity: "spot" | "on-demand", zone: string | undefined, shape: object): string {
  const digest = createHash("sha256").update(JSON.stringify(shape)).digest("hex").slice(0, 6);
  return [group, capacity, ...(zone === undefined ? [] : [zone.slice(-1)]), digest].join("-");
}

// The longest controller name that gets a role; see constructs/cluster/identities.
const LONGEST_CONTROLLER = "aws-load-balancer-controller";

interface LimitedName {
  readonly kind: string;
  readonly limit: number;
  readonly name: string;
}

/** The longest name of each kind that a cluster makes, with AWS's limit. */
export function limitedNames(fleet: string, cluster: string, account: string, groups: readonly string[]): readonly LimitedName[] {
  return [
    { kind: "load balancer", limit: 32, name: clusterName(fleet, cluster) },
    { kind: "target group", limit: 32, name: colourName(fleet, cluster, "green") },
    { kind: "IAM role", limit: 64, name: controllerRoleName(fleet, cluster, "green", LONGEST_CONTROLLER) },
    { kind: "S3 bucket", limit: 63, name: bucketName(fleet, cluster, "logs-green", account) },
    ...groups.map((group) => ({ kind: "node group", limit: 63, name: nodeGroupName(group, "on-demand", "a", {}) })),
  ];
}
