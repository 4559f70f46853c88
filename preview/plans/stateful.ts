import { isDeepStrictEqual } from "node:util";
import facts from "../../facts/stateful-types.json";
import { kindOf, type ResourceChange } from "../../terraform/plan-json";

/** What {@link lossOf} says of a type that nobody has classified. */
export const UNCLASSIFIED = facts.unclassified;

const LOSSES: ReadonlyMap<string, string> = new Map(Object.entries(facts.types));
const STATELESS: ReadonlySet<string> = new Set(facts.stateless.flatMap(({ types }) => types));
const NODE_GROUP = "aws_eks_node_group";

type Attributes = Readonly<Record<string, unknown>>;

/**
 * What is lost when an object is deleted or replaced. A type that nobody has classified counts as stateful: to guess that
 * it holds nothing could cost what it holds.
 * @param attributes as they are before
 * @param planned every change of the same plan: a node group is no loss when the plan creates one that takes its place
 * @returns undefined for what can be made again; {@link UNCLASSIFIED} for what nobody has classified
 */
export function lossOf(type: string, attributes: Attributes, planned: readonly ResourceChange[] = []): string | undefined {
  if (STATELESS.has(type)) return undefined;
  const loss = LOSSES.get(type) ?? UNCLASSIFIED;
  return type === NODE_GROUP && !isOnlyOfItsZone(attributes, planned) ? undefined : loss;
}

/** A loss as the reason of a change. */
export function lossReason(loss: string): string {
  return loss === UNCLASSIFIED ? loss : `lost with it: ${loss}`;
}

/** Groups that carry volumes are made one per zone, others over all zones at once. */
function isOnlyOfItsZone(group: Attributes, planned: readonly ResourceChange[]): boolean {
  const { size } = subnetsOf(group);
  if (size > 1) return false;
  // Without its subnets nobody knows that it spans zones, or what stands where it stood.
  return size === 0 || !planned.some((change) => change.type === NODE_GROUP && kindOf(change) === "create" && takesPlace(change, group));
}

/** Whether a new group stands in the same one subnet and takes the same pods. What is unknown until the apply does not count. */
function takesPlace({ change: { after } }: ResourceChange, group: Attributes): boolean {
  if (after === null || after["cluster_name"] === undefined || after["cluster_name"] !== group["cluster_name"]) return false;
  if (!isDeepStrictEqual(subnetsOf(after), subnetsOf(group))) return false;
  const [labels, taints] = [new Set(labelsOf(after)), new Set(taintsOf(group))];
  return labelsOf(group).every((label) => labels.has(label)) && taintsOf(after).every((taint) => taints.has(taint));
}

/** What is unknown until the apply is left out by the plan, or null, and so equals no subnet that there is. */
function subnetsOf({ subnet_ids: ids }: Attributes): ReadonlySet<unknown> {
  return new Set<unknown>(Array.isArray(ids) ? ids : []);
}

/** Pods choose nodes by labels, so that a group without one of them is no place for all of its pods. */
function labelsOf({ labels }: Attributes): readonly string[] {
  return Object.entries(labels ?? {}).map(([key, value]) => `${key}=${String(value)}`);
}

/** Pods tolerate the taints of their group, and maybe no others. */
function taintsOf({ taint: taints }: Attributes): readonly string[] {
  return Array.isArray(taints)
    ? (taints as readonly Attributes[]).map(({ key, value, effect }) => JSON.stringify([key, value ?? "", effect]))
    : [];
}
