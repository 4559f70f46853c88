import type { App } from "cdktf";
import type { Cluster, Fleet, Foundation } from "../config/fleet";
import { FleetError } from "../config/problems";
import type { PinnedRelease } from "../constructs/platform/pinned-release";
import type { Backend } from "./backend";
import { ClusterStack } from "./cluster-stack";
import { DataStack } from "./data-stack";
import type { Synthesis } from "./fleet-stack";
import { FoundationStack, type FoundationFacts } from "./foundation-stack";
import { networkFacts } from "./network-stack";
import { PlatformStack } from "./platform-stack";
import { TrafficStack } from "./traffic-stack";

/**
 * Declares every stack of a fleet, each directly under the app.
 * @returns every release that was declared
 * @throws {FleetError} with everything that is wrong with values of releases
 */
export function declareFleet(app: App, fleet: Fleet, backend: Backend): readonly PinnedRelease[] {
  const synthesis: Synthesis = { fleet, backend, problems: [] };
  const foundations = declareFoundations(app, synthesis);
  const releases = fleet.clusters.flatMap((cluster) => declareCluster(app, synthesis, cluster, foundations));
  if (synthesis.problems.length > 0) throw new FleetError(synthesis.problems);
  return releases;
}

type Foundations = ReadonlyMap<string, { readonly foundation: Foundation; readonly facts: FoundationFacts }>;

function declareFoundations(app: App, synthesis: Synthesis): Foundations {
  return synthesis.fleet.foundations.reduce<Map<string, { foundation: Foundation; facts: FoundationFacts }>>((made, foundation) => {
    const home = made.get("foundation");
    const owner = [...made.values()].find((other) => other.foundation.account === foundation.account);
    const stack = new FoundationStack(app, { synthesis, foundation, home, account: foundation.ownsAccount ? undefined : owner?.facts });
    return made.set(foundation.id, { foundation, facts: stack.facts });
  }, new Map());
}

function declareCluster(app: App, synthesis: Synthesis, cluster: Cluster, foundations: Foundations): readonly PinnedRelease[] {
  const off = cluster.colours.length === 0;
  if (off && cluster.whenOff === "nothing") return [];
  const data = new DataStack(app, { synthesis, cluster }).facts;
  if (off) return [];

  const home = foundations.get("foundation");
  const own = foundations.get(cluster.foundationId);
  if (!home || !own) throw new Error(`The foundation of ${cluster.name} is missing from the resolved fleet.`);
  const foundation = own.facts;
  const network = networkFacts(app, { synthesis, cluster, foundation });
  // A cluster in another account answers from a zone of that account; every other one from the home zone.
  const zoneHome = cluster.account === home.foundation.account ? home.foundation : own.foundation;
  const traffic = new TrafficStack(app, { synthesis, cluster, network, foundation, zoneHome }).facts;
  return cluster.colours.flatMap((colour) => {
    const eks = new ClusterStack(app, { synthesis, cluster, colour, network, data, foundation }).facts;
    const { platform } = new PlatformStack(app, { synthesis, cluster, colour, eks, network, traffic, data, foundation });
    return [...platform.releases.values()];
  });
}
