import { pinnedVersions } from "../config/versions";
import type { ProgramStack } from "../terraform/program";

const DAY = 24 * 60 * 60 * 1000;
const WARN_DAYS = 120;

/** Things that are allowed and still worth a second look. */
export function warnings(stacks: readonly ProgramStack[], today: Date): readonly string[] {
  return stacks.flatMap((stack) => [...endOfSupport(stack, today), ...singleNat(stack), ...publicApi(stack), ...openBalancer(stack)]);
}

function endOfSupport({ name, resources }: ProgramStack, today: Date): string[] {
  return resources.flatMap(({ type, arguments: args }) => {
    if (type !== "aws_eks_cluster") return [];
    const minor = String(args["version"]);
    const end = pinnedVersions[minor]?.endOfStandardSupport;
    if (end === undefined) return [];
    const days = Math.floor((Date.parse(end) - today.getTime()) / DAY);
    if (days < 0) return [`${name}: standard support of Kubernetes ${minor} ended on ${end}; EKS upgrades the control plane by itself`];
    return days < WARN_DAYS ? [`${name}: standard support of Kubernetes ${minor} ends on ${end}, in ${days} days`] : [];
  });
}

function singleNat({ name, resources }: ProgramStack): string[] {
  const gateways = resources.filter(({ type }) => type === "aws_nat_gateway").length;
  const zones = new Set(resources.flatMap(({ type, arguments: args }) => (type === "aws_subnet" ? [args["availability_zone"]] : []))).size;
  return gateways === 1 && zones > 1
    ? [`${name}: one NAT gateway serves ${zones} zones; when its zone is down, no node reaches the internet`]
    : [];
}

function publicApi({ name, resources }: ProgramStack): string[] {
  return resources.flatMap(({ type, arguments: args }) => {
    if (type !== "aws_eks_cluster") return [];
    const { endpoint_public_access: open, public_access_cidrs: ranges = [] } = args["vpc_config"] as {
      endpoint_public_access: boolean;
      public_access_cidrs?: string[];
    };
    return open
      ? [`${name}: the Kubernetes API answers ${ranges.join(", ")}`]
      : [`${name}: the Kubernetes API is private; deploy its platform from within the VPC`];
  });
}

function openBalancer({ name, resources }: ProgramStack): string[] {
  const open = resources.some(
    ({ type, arguments: args }) => type === "aws_vpc_security_group_ingress_rule" && args["cidr_ipv4"] === "0.0.0.0/0",
  );
  return open ? [`${name}: the load balancer answers the whole internet, as traffic.allowFrom says`] : [];
}
