import { chartsOf, lockSchema } from "./chart-lock";
import { CHECKS } from "./checks";
import type { FleetInput } from "./checks/input";
import { chosenReleases } from "./chosen-releases";
import type { ClusterDeclaration, NodeGroupDeclaration } from "./cluster-declaration";
import type { FleetDeclaration } from "./declaration";
import { COLOURS, type Cluster, type Colour, type Fleet, type Foundation, type Network, type NodeGroup } from "./fleet";
import type { ChartFiles } from "./files";
import { subnetPlan, zonesOf } from "./network-plan";
import { partitionOf } from "./placement";
import { FleetError, type Problem } from "./problems";
import { releaseOrder, type ReleaseDescription, type RequestedRelease } from "./release";
import { longestGapHours } from "./schedules";
import { fleetSchema, stateSchema, type FleetState } from "./schema";
import { schemaProblems } from "./schema-problems";
import { pinnedVersions, type MinorVersions } from "./versions";

/** What lies beside a declaration. */
export interface FleetFiles extends ChartFiles {
  /** Contents of `fleet.state.json`. */
  readonly state: unknown;
  /**
   * Pinned versions by Kubernetes minor.
   * @default those of `versions.json`
   */
  readonly versions?: Readonly<Record<string, MinorVersions>>;
  /** Every release that Drydock has. */
  readonly releases: readonly ReleaseDescription[];
}

/**
 * Checks a declaration and fills in every default.
 * @throws {FleetError} with every problem at once
 */
export function resolveFleet(declaration: FleetDeclaration, files: FleetFiles): Fleet {
  const shape = [
    ...schemaProblems(fleetSchema, declaration),
    ...schemaProblems(stateSchema, files.state, "fleet.state.json: "),
    ...schemaProblems(lockSchema, files.lock, "charts.lock.json: "),
  ];
  const versions = files.versions ?? pinnedVersions;
  const state = stateSchema.safeParse(files.state).data ?? {};
  const lock = lockSchema.safeParse(files.lock).data;
  const charts = lock ? chartsOf(lock) : [];
  const { localCharts, releases } = files;
  const problems = [...shape, ...crossChecks({ fleet: declaration, state, versions, charts, localCharts, releases }, shape)];
  if (problems.length > 0) throw new FleetError(problems);

  const clusters = Object.entries(declaration.clusters).map(([name, cluster]) =>
    resolveCluster(declaration, name, cluster, state, versions, releases),
  );
  return deepFreeze<Fleet>({
    name: declaration.name,
    domain: declaration.domain,
    owner: declaration.owner,
    github: declaration.github && { branch: "main", ...declaration.github },
    access: { viewers: [], deployers: [], breakGlass: [], ...declaration.access },
    state: declaration.state ?? { kind: "local" },
    monthlyBudgetUsd: declaration.monthlyBudgetUsd ?? 1000,
    tags: declaration.tags ?? {},
    foundations: resolveFoundations(declaration, clusters),
    clusters,
    charts: byName(charts),
    localCharts: byName(localCharts),
    transform: declaration.transform,
  });
}

/** What rules over several fields find. In a declaration of the wrong shape a rule may not get far; what it finds still counts. */
function crossChecks(input: FleetInput, shape: readonly Problem[]): readonly Problem[] {
  const known = new Set(shape.map(({ path }) => path));
  return CHECKS.flatMap((check) => {
    try {
      return check(input);
    } catch (error) {
      if (shape.length === 0) throw error;
      return [];
    }
  }).filter(({ path }) => !known.has(path));
}

function resolveCluster(
  fleet: FleetDeclaration,
  name: string,
  declaration: ClusterDeclaration,
  state: FleetState,
  versions: Readonly<Record<string, MinorVersions>>,
  releases: readonly ReleaseDescription[],
): Cluster {
  const account = declaration.account ?? fleet.account;
  const region = declaration.region ?? fleet.region;
  const image = declaration.nodes.image ?? "al2023";
  const protect = (declaration.protect ?? false) && state[name]?.liftProtection !== true;
  const running = COLOURS.flatMap((colour) => {
    const own = state[name]?.colours[colour];
    return own ? [{ name: colour, ...own }] : [];
  });
  const serving = servingColour(running, state[name]?.served);
  const colours = running.flatMap<Colour>(({ name: colour, kubernetes, weight, nodeRelease: declared }) => {
    const pinned = versions[kubernetes];
    const nodeRelease = declared ?? pinned?.nodeRelease[image];
    return pinned && nodeRelease !== undefined
      ? [{ name: colour, kubernetes, weight, nodeRelease, protect: protect && colour === serving, versions: pinned }]
      : [];
  });
  return {
    name,
    account,
    region,
    partition: partitionOf(region),
    assumeRoleArn: declaration.assumeRoleArn,
    domain: `${name}.${fleet.domain}`,
    foundationId: foundationId(fleet, account, region),
    protect,
    whenOff: declaration.whenOff ?? "data",
    emptyBuckets: declaration.whenOff === "nothing" ? !protect : state[name]?.liftProtection === true,
    network: resolveNetwork(declaration, region),
    api: { publicCidrs: declaration.api?.publicCidrs ?? [] },
    nodes: { image, groups: Object.entries(declaration.nodes.groups).map(([group, options]) => resolveNodeGroup(group, options)) },
    traffic: { allowFrom: declaration.traffic?.allowFrom ?? [] },
    backups: Object.entries(declaration.backups ?? { daily: { cron: "0 3 * * *", keepDays: 14 } }).map(([schedule, options]) => ({
      name: schedule,
      ...options,
      everyHours: longestGapHours(options.cron),
    })),
    logs: { controlPlane: 30, containers: 30, ...declaration.logs },
    colours,
    serving,
    releases: resolveReleases(releases, { ...declaration.platform }),
    transform: declaration.transform ?? {},
  };
}

/** The releases that a cluster gets, in order. Checks have refused what has none. */
function resolveReleases(
  releases: readonly ReleaseDescription[],
  platform: Readonly<Record<string, unknown>>,
): readonly RequestedRelease[] {
  const { order = [] } = releaseOrder(chosenReleases(releases, platform));
  return order.map(({ name }) => {
    const given = platform[name];
    return { name, options: typeof given === "object" && given !== null ? given : {} };
  });
}

function byName<T extends { readonly name: string }>(entries: readonly T[]): Readonly<Record<string, T>> {
  return Object.fromEntries(entries.map((entry) => [entry.name, entry]));
}

function servingColour(
  colours: readonly Pick<Colour, "name" | "weight">[],
  served: Colour["name"] | undefined,
): Colour["name"] | undefined {
  const heaviest = Math.max(...colours.map(({ weight }) => weight));
  const candidates = colours.filter(({ weight }) => weight === heaviest);
  return (candidates.find(({ name }) => name === served) ?? candidates[0])?.name;
}

function resolveNetwork({ network }: ClusterDeclaration, region: string): Network {
  const zones = zonesOf(network, region);
  if ("existing" in network) return { kind: "existing", zones, ...network.existing };
  const { flowLogs = 30 } = network;
  return {
    kind: "made",
    cidr: network.cidr,
    zones,
    ...subnetPlan(network, region),
    nat: network.nat ?? "one",
    interfaceEndpoints: network.interfaceEndpoints ?? [],
    flowLogDays: flowLogs === false ? undefined : flowLogs,
  };
}

function resolveNodeGroup(name: string, declaration: NodeGroupDeclaration): NodeGroup {
  const { capacity = "on-demand" } = declaration;
  return {
    volumes: false,
    diskGiB: 50,
    labels: {},
    taints: [],
    maxUnavailablePercent: 33,
    ...declaration,
    name,
    capacity,
    onDemandFallback: capacity === "spot" && declaration.onDemandFallback !== false,
  };
}

function foundationId(fleet: FleetDeclaration, account: string, region: string): string {
  return account === fleet.account && region === fleet.region ? "foundation" : `foundation-${account}-${region}`;
}

function resolveFoundations(fleet: FleetDeclaration, clusters: readonly Cluster[]): Foundation[] {
  const home: Foundation = {
    id: "foundation",
    home: true,
    ownsAccount: true,
    account: fleet.account,
    region: fleet.region,
    partition: partitionOf(fleet.region),
    assumeRoleArn: clusters.find(({ foundationId }) => foundationId === "foundation")?.assumeRoleArn,
    hostedZoneId: fleet.hostedZone?.id,
    delegatedDomains: [],
  };
  return clusters.reduce<Foundation[]>(
    (foundations, cluster) => {
      if (foundations.some(({ id }) => id === cluster.foundationId)) return foundations;
      const { account, region, partition, assumeRoleArn, foundationId: id } = cluster;
      const ownsAccount = !foundations.some((other) => other.account === account);
      // Route 53 is global: all clusters of an account answer from the zones in its first foundation.
      const delegated = clusters.filter((other) => other.account === account && account !== fleet.account && ownsAccount);
      return [
        ...foundations,
        {
          id,
          home: false,
          ownsAccount,
          account,
          region,
          partition,
          assumeRoleArn,
          hostedZoneId: undefined,
          delegatedDomains: delegated.map(({ domain }) => domain),
        },
      ];
    },
    [home],
  );
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
