import type { NodeGroupDeclaration } from "../cluster-declaration";
import { instanceType, instanceTypeNames } from "../instance-types";
import { nameFix, nearest } from "../nearest";
import type { Problem } from "../problems";
import type { Check } from "./input";

const RESERVED_LABEL_PREFIXES = ["kubernetes.io/", "k8s.io/", "eks.amazonaws.com/", "drydock.dev/"];

/** Node groups: sizes, known instance types, and what the autoscaler needs of a spot group. */
export const checkNodes: Check = ({ fleet }) =>
  Object.entries(fleet.clusters).flatMap(([name, { nodes }]) => {
    const path = `clusters.${name}.nodes.groups`;
    const missing: Problem[] =
      nodes.groups["system"] === undefined
        ? [
            {
              path: `${path}.system`,
              reason: "is missing, and add-ons and the platform run there",
              fix: `add a group "system"; the presets have one`,
            },
          ]
        : nodes.groups["system"].volumes !== true
          ? [
              {
                path: `${path}.system.volumes`,
                reason: "monitoring and logging keep volumes on the system group",
                fix: "set volumes: true",
              },
            ]
          : [];
    return [
      ...missing,
      ...Object.entries(nodes.groups).flatMap(([group, declaration]) => groupProblems(`${path}.${group}`, group, declaration)),
    ];
  });

function groupProblems(path: string, name: string, group: NodeGroupDeclaration): Problem[] {
  return [...sizes(path, name, group), ...types(path, group), ...spot(path, group), ...labels(path, group)];
}

function sizes(path: string, name: string, { min, max }: NodeGroupDeclaration): Problem[] {
  const problems: Problem[] = [];
  if (min > max) problems.push({ path: `${path}.min`, reason: `${min} is more than max, ${max}`, fix: `use at most ${max}, or raise max` });
  if (name === "system" && min < 1) {
    problems.push({ path: `${path}.min`, reason: "an empty system group leaves no node for the autoscaler itself", fix: "use at least 1" });
  }
  return problems;
}

function types(path: string, { instanceTypes }: NodeGroupDeclaration): Problem[] {
  const unknown = instanceTypes.flatMap((type, index) => (instanceType(type) ? [] : [{ type, at: `${path}.instanceTypes.${index}` }]));
  const problems: Problem[] = unknown.map(({ type, at }) => {
    const [family] = type.split(".");
    const siblings = instanceTypeNames().filter((known) => known.startsWith(`${family}.`));
    const fix =
      siblings.length > 0
        ? nameFix(type, siblings)
        : `did you mean "${nearest(type, instanceTypeNames()) ?? "m6i.large"}"? facts/instance-types.json lists what is known`;
    return { path: at, reason: `"${type}" is not a known instance type`, fix };
  });
  const duplicate = instanceTypes.find((type, index) => instanceTypes.indexOf(type) < index);
  if (duplicate !== undefined)
    problems.push({ path: `${path}.instanceTypes`, reason: `names ${duplicate} twice`, fix: "name each type once" });
  const architectures = new Set(instanceTypes.flatMap((type) => instanceType(type)?.architecture ?? []));
  if (architectures.size > 1) {
    problems.push({
      path: `${path}.instanceTypes`,
      reason: "mixes amd64 and arm64, and a node image has one architecture",
      fix: "make one group per architecture",
    });
  }
  return problems;
}

function spot(path: string, { capacity, onDemandFallback, instanceTypes }: NodeGroupDeclaration): Problem[] {
  if (capacity !== "spot") {
    return onDemandFallback === undefined
      ? []
      : [{ path: `${path}.onDemandFallback`, reason: "means nothing for an on-demand group", fix: `remove it, or set capacity: "spot"` }];
  }
  const problems: Problem[] = [];
  if (instanceTypes.length < 3) {
    problems.push({
      path: `${path}.instanceTypes`,
      reason: `a spot group of ${instanceTypes.length} types runs dry with its pools`,
      fix: "name at least three types of the same size, such as m6i.xlarge, m5.xlarge, m5a.xlarge",
    });
  }
  const sizes = new Map(
    instanceTypes.flatMap((name) => {
      const type = instanceType(name);
      return type ? [[`${type.vcpu} vCPU and ${type.memoryMiB / 1024} GiB`, name]] : [];
    }),
  );
  if (sizes.size > 1) {
    problems.push({
      path: `${path}.instanceTypes`,
      reason: `mixes sizes (${[...sizes].map(([size, name]) => `${name}: ${size}`).join("; ")}), so the autoscaler cannot tell what a new node would hold`,
      fix: "name types of one CPU and memory size, and make a group per size",
    });
  }
  return problems;
}

function labels(path: string, { labels = {} }: NodeGroupDeclaration): Problem[] {
  return Object.keys(labels)
    .filter((label) =>
      RESERVED_LABEL_PREFIXES.some((prefix) => label.startsWith(prefix) || label.split("/")[0]?.endsWith(`.${prefix.slice(0, -1)}`)),
    )
    .map((label) => ({
      path: `${path}.labels.${label}`,
      reason: "is a label that Kubernetes, EKS or Drydock sets itself",
      fix: "use a prefix of your own",
    }));
}
