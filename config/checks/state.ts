import { COLOURS } from "../fleet";
import { nameFix } from "../nearest";
import type { Problem } from "../problems";
import type { Check } from "./input";

/** `fleet.state.json` against the fleet: known clusters and minors, weights, pinned node images. */
export const checkState: Check = ({ fleet, state, versions }) => [
  ...Object.entries(versions).flatMap(([minor, { clusterAutoscaler }]) =>
    clusterAutoscaler.startsWith(`v${minor}.`)
      ? []
      : [
          {
            path: `versions.json: minors.${minor}.clusterAutoscaler`,
            reason: `${clusterAutoscaler} simulates the scheduler of another minor`,
            fix: `pin an image of v${minor}`,
          },
        ],
  ),
  ...Object.entries(state).flatMap(([name, { colours, served }]) => {
    const path = `fleet.state.json: ${name}`;
    const cluster = fleet.clusters[name];
    if (!cluster) return [{ path, reason: "is not a cluster of the fleet", fix: nameFix(name, Object.keys(fleet.clusters)) }];
    const running = COLOURS.flatMap((colour) => {
      const value = colours[colour];
      return value ? [{ colour, ...value }] : [];
    });
    const problems: Problem[] = running.flatMap(({ colour, kubernetes, nodeRelease }) => {
      const at = `${path}.colours.${colour}`;
      const pinned = Object.hasOwn(versions, kubernetes) ? versions[kubernetes] : undefined;
      if (!pinned)
        return [
          {
            path: `${at}.kubernetes`,
            reason: `nothing is pinned for Kubernetes ${kubernetes}`,
            fix: `use one of ${Object.keys(versions).join(", ")}, which versions.json pins`,
          },
        ];
      const image = cluster.nodes.image ?? "al2023";
      if (nodeRelease === undefined && pinned.nodeRelease[image] === undefined) {
        return [
          {
            path: `${at}.nodeRelease`,
            reason: `versions.json pins no ${image} release for ${kubernetes}`,
            fix: "name the release here, or pin it in versions.json",
          },
        ];
      }
      if (image === "al2023" && nodeRelease !== undefined && !nodeRelease.startsWith(`${kubernetes}.`)) {
        return [
          {
            path: `${at}.nodeRelease`,
            reason: `${nodeRelease} is not a release of ${kubernetes}`,
            fix: `use a release that starts with ${kubernetes}.`,
          },
        ];
      }
      return [];
    });
    const total = running.reduce((sum, { weight }) => sum + weight, 0);
    if (running.length > 0 && total !== 100) {
      problems.push({ path: `${path}.colours`, reason: `the weights sum to ${total}`, fix: "make them sum to 100" });
    }
    if (served !== undefined && !running.some(({ colour }) => colour === served)) {
      problems.push({
        path: `${path}.served`,
        reason: `names ${served}, which does not run`,
        fix: running[0] ? `use ${running[0].colour}` : "remove it",
      });
    }
    if (running.length === 2 && running[0]?.weight === running[1]?.weight && served === undefined) {
      problems.push({
        path: `${path}.served`,
        reason: "is needed while both colours have the same weight",
        fix: "name the colour that served before",
      });
    }
    return problems;
  }),
];
