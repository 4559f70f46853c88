import { join } from "node:path";
import { CommandError } from "../../config/command-error";
import { textOf, type ObjectValue } from "../provider/values";
import type { World, WorldObject } from "../world";
import { bindAccess, unbindAccess, type Authenticator } from "./access";
import { Actors } from "./actors";
import type { JobRun } from "./actors/hook-jobs";
import { examine } from "./checks";
import { look, type Finding } from "./checks/living";
import { roomForPods } from "./checks/scheduling";
import { nodesJoin, nodesLeave, resize } from "./cluster-effects";
import { controlPlaneBinary } from "./control-plane-binary";
import { HelmStorage, type InstalledRelease } from "./helm-storage";
import { leftoversOf, type Leftover } from "./leftovers";
import { clusterNames, type KeptClusters } from "./kept-cluster";
import { LocalApi } from "./local-api";
import { groupsOf } from "./nodes";
import { PendingReleases } from "./pending-releases";

/** A colour's API and what plays around it. */
export interface RunningCluster {
  readonly name: string;
  readonly api: LocalApi;
  readonly actors: Actors;
  /** What others install; undefined when Drydock does, which knows. */
  readonly pending: PendingReleases | undefined;
  readonly storage: HelmStorage;
}

/** What was found in a cluster that stands. */
export interface Examination {
  readonly cluster: string;
  /** Exact version of the API. */
  readonly kubernetes: string;
  /** In the order in which they were installed; without their manifests, which are megabytes. */
  readonly releases: readonly Omit<InstalledRelease, "manifest">[];
  readonly findings: readonly Finding[];
  /** What was simulated, by actor. */
  readonly simulated: Readonly<Record<string, string>>;
  readonly jobs: readonly JobRun[];
}

/** What became of a cluster that was deleted. */
export interface EndedCluster {
  readonly cluster: string;
  /** What its releases left behind. */
  readonly leftovers: readonly Leftover[];
  readonly jobs: readonly JobRun[];
}

/** Options of {@link LocalClusters}. */
export interface LocalClustersOptions {
  readonly root: string;
  /** Folder for logs and for what stands for buckets. */
  readonly folder: string;
  readonly world: World;
  readonly authenticator: Authenticator;
  /**
   * Gets what outlives the APIs.
   * @default clusters end with this process
   */
  readonly kept?: KeptClusters;
  /** Name and version of published providers that Terraform runs; undefined when their work is done here. */
  readonly published: readonly string[] | undefined;
  /** Told what takes long. */
  readonly onProgress?: (text: string) => void;
}

/** One API for each EKS cluster of the world, with nodes from its node groups and rights from its access entries. */
export class LocalClusters {
  private readonly running = new Map<string, RunningCluster>();
  private ended: EndedCluster[] = [];

  constructor(private readonly options: LocalClustersOptions) {}

  get(name: string): RunningCluster | undefined {
    return this.running.get(name);
  }

  all(): readonly RunningCluster[] {
    return [...this.running.values()];
  }

  /** The cluster whose API answers at an address. */
  at(endpoint: string): RunningCluster | undefined {
    return this.all().find(({ api }) => api.endpoint === endpoint);
  }

  /** @returns the attributes of the `aws_eks_cluster`, with the address and the authority of its API */
  async start(attributes: ObjectValue): Promise<ObjectValue> {
    const name = textOf(attributes["name"]);
    // One that was deleted before had the same name.
    this.options.kept?.of(name).remove();
    const api = await this.startApi(name, attributes);
    this.run(name, api);
    return { ...attributes, endpoint: api.endpoint, certificate_authority: [{ data: api.certificateAuthority }] };
  }

  /**
   * Starts the APIs of the world's clusters again, over what was kept of them.
   * @throws {CommandError} when nothing was kept of one, because it was only played
   */
  async resume(): Promise<void> {
    const { kept, world, onProgress } = this.options;
    if (!kept) return;
    kept.sweep(world);
    const played = clusterNames(world).find((name) => kept.of(name).port === undefined);
    if (played !== undefined)
      throw new CommandError(
        `The cluster ${played} was made without --kubernetes, so there is no API of it. Leave --kubernetes out; or destroy the cluster first.`,
        2,
      );
    const started = await Promise.allSettled(
      world.ofType("aws_eks_cluster").map(async ({ attributes }) => {
        const name = textOf(attributes["name"]);
        onProgress?.(`starting the API of ${name} again`);
        this.run(name, await this.startApi(name, attributes));
      }),
    );
    const failed = started.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason instanceof Error ? failed.reason : new Error(String(failed.reason));
  }

  private async startApi(name: string, attributes: ObjectValue): Promise<LocalApi> {
    const { folder, authenticator, kept } = this.options;
    const controlPlane = await this.binary(attributes);
    return LocalApi.start({
      controlPlane,
      logs: join(folder, "logs", name),
      authenticator: authenticator.addressFor(name),
      kept: kept?.of(name),
    });
  }

  private run(name: string, api: LocalApi): void {
    const { folder, world, published } = this.options;
    const actors = Actors.start({
      cluster: name,
      client: api.client,
      world,
      // Clusters share buckets.
      folder: join(folder, "buckets"),
      kubectl: api.program,
      endpoint: api.endpoint,
      authority: Buffer.from(api.certificateAuthority, "base64").toString("utf8"),
    });
    const pending = published && PendingReleases.watch(api.client);
    this.running.set(name, { name, api, actors, pending, storage: new HelmStorage(name, api.client) });
  }

  /** Another minor replaces the one before, over the same data. */
  async upgrade(attributes: ObjectValue): Promise<void> {
    const running = this.running.get(textOf(attributes["name"]));
    if (running && running.api.minor !== textOf(attributes["version"])) await running.api.upgrade(await this.binary(attributes));
  }

  /** Ends an API, and remembers what was left in it. */
  async end(name: string): Promise<void> {
    const running = this.running.get(name);
    if (!running) return;
    const { api, actors, pending } = running;
    this.running.delete(name);
    actors.stop();
    pending?.stop();
    try {
      this.ended.push({ cluster: name, leftovers: await leftoversOf(api.client), jobs: actors.jobs.history });
    } finally {
      await api.stop();
    }
  }

  /** Node groups and access policies belong to AWS and show within the cluster. */
  async affect({ type, attributes }: WorldObject, gone: boolean): Promise<void> {
    const running = this.running.get(textOf(attributes["cluster_name"]));
    if (!running) return;
    const { client } = running.api;
    if (type === "aws_eks_node_group") await (gone ? nodesLeave : nodesJoin)(client, this.options.world, attributes);
    else if (type === "aws_eks_access_policy_association") await (gone ? unbindAccess : bindAccess)(client, attributes);
  }

  /** Clusters that were deleted since this was asked last. */
  takeEnded(): readonly EndedCluster[] {
    const ended = this.ended;
    this.ended = [];
    return ended;
  }

  /**
   * Looks at every cluster that runs.
   * @param sizes also tries the declared node groups at their minimum and maximum size, which moves pods
   */
  async examine(sizes: boolean): Promise<readonly Examination[]> {
    return Promise.all(
      this.all().map(async ({ name, api, actors, storage }) => {
        const releases = await storage.releases();
        const living = await look(api.client, api.minor, releases, groupsOf(this.options.world, name));
        const findings = [...(await examine(living))];
        if (sizes)
          findings.push(...(await actors.withoutAutoscaler(() => roomForPods(living, (group, size) => resize(api.client, group, size)))));
        for (const message of actors.problems) findings.push({ release: "", check: "actors", severity: "problem", message });
        return {
          cluster: name,
          kubernetes: api.version,
          releases: releases.map(withoutManifest),
          findings,
          simulated: actors.simulated,
          jobs: [...actors.jobs.history],
        };
      }),
    );
  }

  /** Why releases that others gave up did not become ready, in sentences; since this was asked last. */
  async takeFailedReleases(): Promise<readonly string[]> {
    const failed = await Promise.all(
      this.all().map(async ({ name, pending }) =>
        (await (pending?.takeFailed() ?? [])).map(
          ({ release, reasons }) => `${name}, ${release}: it did not become ready: ${reasons.join("; ")}`,
        ),
      ),
    );
    return failed.flat();
  }

  /** Ends every API without looking at it; what is kept of clusters that still exist stays. */
  async stop(): Promise<void> {
    const all = this.all();
    this.running.clear();
    for (const { actors, pending } of all) {
      actors.stop();
      pending?.stop();
    }
    await Promise.all(all.map(({ api }) => api.stop()));
    // A cluster that was deleted is kept until the world is rid of it: a kill in between would leave one without an API.
    this.options.kept?.sweep(this.options.world);
  }

  private binary(attributes: ObjectValue): ReturnType<typeof controlPlaneBinary> {
    const { root, onProgress } = this.options;
    return controlPlaneBinary(root, textOf(attributes["version"]), (what) => onProgress?.(`building ${what}, once`));
  }
}

function withoutManifest({
  cluster,
  name,
  namespace,
  chart,
  version,
  installedAt,
  seconds,
}: InstalledRelease): Omit<InstalledRelease, "manifest"> {
  return { cluster, name, namespace, chart, version, installedAt, seconds };
}
