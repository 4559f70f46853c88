import facts from "../../facts/stateful-types.json";

const losses: Readonly<Record<string, string | undefined>> = facts.types;

/**
 * What is lost when an object is deleted or replaced.
 * @param attributes as they are before
 * @returns undefined for what can be made again
 */
export function lossOf(type: string, attributes: Readonly<Record<string, unknown>>): string | undefined {
  if (type === "aws_eks_node_group") {
    const subnets = attributes["subnet_ids"];
    // Groups that carry volumes are made one per zone, others over all zones at once.
    return Array.isArray(subnets) && subnets.length === 1 ? facts.zonalNodeGroups : undefined;
  }
  return losses[type];
}
