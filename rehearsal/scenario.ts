import type { Cluster } from "../config/fleet";
import { COLOURS, type ColourName } from "../config/fleet";
import type { FleetState } from "../config/schema";
import type { MinorVersions } from "../config/versions";

/** What a cluster's entry in `fleet.state.json` is during a step. */
export type ClusterState = FleetState[string];

/** A step of a rehearsal. */
export interface Step {
  readonly id: StepId;
  readonly title: string;
  /** What the step does: bring the cluster to a state, see a destroy refused, or destroy. */
  readonly action:
    | { readonly kind: "apply"; readonly state: ClusterState }
    | { readonly kind: "refuse"; readonly state: ClusterState }
    | { readonly kind: "destroy"; readonly state: ClusterState };
}

/** Name of a step on the command line. */
export type StepId = "create" | "upgrade" | "beside" | "switch" | "retire" | "refuse" | "lift" | "destroy" | "return";

/** Date no AWS release will ever have: marks a node image release made up for the rehearsal. */
export const SYNTHETIC_RELEASE_DATE = "99991231";

interface Version {
  readonly kubernetes: string;
  readonly nodeRelease: string;
}

/**
 * The life of a cluster: created, upgraded in place, upgraded by the other colour, switched, retired, destroyed, and
 * brought back. A protected one is also seen to refuse its destruction until protection is lifted.
 */
export function lifeOf(cluster: Cluster, versions: Readonly<Record<string, MinorVersions>>): readonly Step[] {
  const first: ColourName = cluster.serving ?? "blue";
  const other = COLOURS.find((colour) => colour !== first) ?? "green";
  const declared = cluster.colours.find(({ name }) => name === first);
  const start = declared ?? pinned(Object.keys(versions)[0] ?? "", versions);
  const upgraded = next(start, versions);
  const newest = next(upgraded, versions);
  const state = (
    colours: Partial<Record<ColourName, { version: Version; weight: number }>>,
    rest: Omit<ClusterState, "colours"> = {},
  ): ClusterState => ({
    colours: Object.fromEntries(
      Object.entries(colours).map(([name, { version, weight }]) => [
        name,
        { kubernetes: version.kubernetes, nodeRelease: version.nodeRelease, weight },
      ]),
    ),
    ...rest,
  });
  const created = state({ [first]: { version: start, weight: 100 } });
  const retired = state({ [other]: { version: newest, weight: 100 } });
  const lifted = { ...retired, liftProtection: true };
  const apply = (id: StepId, title: string, target: ClusterState): Step => ({ id, title, action: { kind: "apply", state: target } });
  return [
    apply("create", `create ${first} at ${describe(start)}`, created),
    apply("upgrade", `upgrade ${first} in place to ${describe(upgraded)}`, state({ [first]: { version: upgraded, weight: 100 } })),
    apply(
      "beside",
      `create ${other} beside it at ${describe(newest)}`,
      state({ [first]: { version: upgraded, weight: 100 }, [other]: { version: newest, weight: 0 } }),
    ),
    apply(
      "switch",
      `switch traffic to ${other}`,
      state({ [first]: { version: upgraded, weight: 0 }, [other]: { version: newest, weight: 100 } }),
    ),
    apply("retire", `retire ${first}`, retired),
    ...(cluster.protect
      ? [
          { id: "refuse", title: "refuse to destroy what is protected", action: { kind: "refuse", state: retired } } as const,
          apply("lift", "lift the protection", lifted),
        ]
      : [apply("lift", "empty buckets when they go", lifted)].filter(() => !cluster.emptyBuckets)),
    { id: "destroy", title: "destroy everything", action: { kind: "destroy", state: lifted } },
    apply("return", `bring it back at ${describe(start)}`, created),
  ];
}

/** The next version: the next pinned minor, else the next node image release, made up where none is known. */
function next({ kubernetes, nodeRelease }: Version, versions: Readonly<Record<string, MinorVersions>>): Version {
  const minor = Number(kubernetes.split(".")[1]);
  const following = `1.${minor + 1}`;
  if (Object.hasOwn(versions, following)) return pinned(following, versions);
  const [patch = ""] = nodeRelease.split("-");
  const [major = "1", second = "0", third = "0"] = patch.split(".");
  return { kubernetes, nodeRelease: `${major}.${second}.${Number(third) + 1}-${SYNTHETIC_RELEASE_DATE}` };
}

function pinned(kubernetes: string, versions: Readonly<Record<string, MinorVersions>>): Version {
  return { kubernetes, nodeRelease: versions[kubernetes]?.nodeRelease.al2023 ?? `${kubernetes}.0-${SYNTHETIC_RELEASE_DATE}` };
}

function describe({ kubernetes, nodeRelease }: Version): string {
  return nodeRelease.endsWith(SYNTHETIC_RELEASE_DATE) ? `${kubernetes} with the next node image (a made-up release)` : kubernetes;
}
