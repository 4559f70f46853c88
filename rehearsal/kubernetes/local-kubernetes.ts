import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { goTool, HELM } from "../../charts/go-tool";
import type { Connection } from "../provider/connection";
import { InsideFailure, type Inside } from "../provider/inside";
import { textOf, type ObjectValue } from "../provider/values";
import type { World, WorldObject } from "../world";
import { Authenticator } from "./access";
import type { ChartFinder } from "./chart-finder";
import { Helm, nameOf } from "./helm";
import type { KubeClient } from "./kube-client";
import type { Condition, KubeObject } from "./kube-objects";
import type { KeptClusters } from "./kept-cluster";
import { kubeObjectOf, withMetadata } from "./kubernetes-resources";
import { LocalClusters, type Examination, type RunningCluster } from "./local-clusters";
import { ProgramAccess } from "./program-access";
import type { RecoveredRelease } from "./recover-releases";
import { releaseStatus } from "./release-status";
import { Releases } from "./releases";

/** Longest time that a deletion may take, in milliseconds; the provider's own limit. */
const DELETION_TIMEOUT_MS = 300_000;

/** How often a deletion is looked after, in milliseconds. */
const POLL_MS = 200;

/** Options of {@link LocalKubernetes.start}. */
export interface LocalKubernetesOptions {
  readonly root: string;
  /** Folder for logs and files of clients. */
  readonly folder: string;
  readonly world: World;
  readonly charts: ChartFinder;
  /**
   * Gets what outlives the APIs; those of the world's clusters are started again over it.
   * @default clusters end with this process
   */
  readonly kept?: KeptClusters;
  /** Told what takes long. */
  readonly onProgress?: (text: string) => void;
}

/**
 * Real Kubernetes APIs where the world's EKS clusters would be; Helm and Kubernetes resources are applied to them for
 * real, through the access that the program configures.
 */
export class LocalKubernetes implements Inside {
  private constructor(
    readonly clusters: LocalClusters,
    private readonly releases: Releases,
    private readonly access: ProgramAccess,
    private readonly authenticator: Authenticator,
  ) {}

  /**
   * @throws {GoMissing} when something has to be built and Go is not on PATH
   * @throws {CommandError} when clusters of the world cannot be started again
   */
  static async start(options: LocalKubernetesOptions): Promise<LocalKubernetes> {
    const { root, folder, world, charts } = options;
    mkdirSync(folder, { recursive: true });
    const program = await goTool(HELM);
    const authenticator = await Authenticator.start(root, folder, world);
    const { path } = authenticator;
    const kubernetes = new LocalKubernetes(
      new LocalClusters({ ...options, authenticator }),
      new Releases(new Helm({ program, folder: join(folder, "helm"), path }), charts),
      new ProgramAccess(folder, path),
      authenticator,
    );
    try {
      await kubernetes.clusters.resume();
      return kubernetes;
    } catch (error) {
      await kubernetes.stop();
      throw error;
    }
  }

  /** Ends every API; nothing keeps running. */
  async stop(): Promise<void> {
    this.interrupt();
    this.access.close();
    await this.clusters.stop();
    this.authenticator.stop();
  }

  interrupt(): void {
    this.releases.interrupt();
  }

  /** Mends the releases of every cluster whose Helm was killed. */
  async recover(): Promise<readonly RecoveredRelease[]> {
    return (await Promise.all(this.clusters.all().map((cluster) => this.releases.recover(cluster)))).flat();
  }

  /** Charts that were stubbed because their packages are missing. */
  get stubbed(): readonly string[] {
    return [...this.releases.charts.stubbed].sort();
  }

  /** Looks at every cluster that runs; see {@link LocalClusters.examine}. */
  examine(sizes: boolean): Promise<readonly Examination[]> {
    return this.clusters.examine(this.releases.all(), sizes);
  }

  async create(object: WorldObject, connection: Connection): Promise<ObjectValue> {
    const { type, attributes } = object;
    if (type === "aws_eks_cluster") return this.clusters.start(attributes);
    if (type === "helm_release") return this.applyRelease("install", attributes, connection);
    if (type.startsWith("kubernetes_"))
      return this.reaching(connection, async (client) => withMetadata(attributes, await client.create(kubeObjectOf(type, attributes))));
    await this.clusters.affect(object, false);
    return attributes;
  }

  async update(object: WorldObject, connection: Connection): Promise<ObjectValue> {
    const { type, attributes } = object;
    if (type === "aws_eks_cluster") await this.clusters.upgrade(attributes);
    if (type === "helm_release") return this.applyRelease("upgrade", attributes, connection);
    if (type.startsWith("kubernetes_"))
      return this.reaching(connection, async (client) => withMetadata(attributes, await client.replace(kubeObjectOf(type, attributes))));
    await this.clusters.affect(object, false);
    return attributes;
  }

  async delete(object: WorldObject, connection: Connection): Promise<void> {
    const { type, attributes } = object;
    if (type === "aws_eks_cluster") {
      await this.clusters.end(textOf(attributes["name"]));
      this.releases.forget(textOf(attributes["name"]));
    } else if (type === "helm_release") {
      const running = this.clusterAt(connection);
      await this.releases.remove(attributes, this.access.kubeconfig(connection), running).catch((error: unknown) => {
        throw new InsideFailure(why(error, running), true);
      });
    } else if (type.startsWith("kubernetes_")) await this.removeObject(kubeObjectOf(type, attributes), connection);
    else await this.clusters.affect(object, true);
  }

  async read({ type, attributes }: WorldObject, connection: Connection): Promise<ObjectValue | undefined> {
    if (type === "helm_release")
      return this.reaching(connection, async (client) => {
        const [name, namespace] = nameOf(attributes);
        const status = await releaseStatus(client, namespace, name);
        return status === undefined ? undefined : status === attributes["status"] ? attributes : { ...attributes, status };
      });
    if (type.startsWith("kubernetes_"))
      return this.reaching(connection, async (client) => {
        const { apiVersion, kind, metadata } = kubeObjectOf(type, attributes);
        const found = await client.find(apiVersion, kind, metadata.name, metadata.namespace);
        return found && withMetadata(attributes, found);
      });
    return attributes;
  }

  private async applyRelease(command: "install" | "upgrade", attributes: ObjectValue, connection: Connection): Promise<ObjectValue> {
    const running = this.clusterAt(connection);
    try {
      return await this.releases.apply(command, attributes, this.access.kubeconfig(connection), running);
    } catch (error) {
      // Helm itself takes an atomic release away that did not come up.
      throw new InsideFailure(why(error, running), command === "install" && attributes["atomic"] !== true);
    }
  }

  private removeObject(object: KubeObject, connection: Connection): Promise<void> {
    return this.reaching(connection, async (client) => {
      await client.delete(object);
      const deadline = Date.now() + DELETION_TIMEOUT_MS;
      for (;;) {
        const left = await client.find(object.apiVersion, object.kind, object.metadata.name, object.metadata.namespace);
        if (!left) return;
        if (Date.now() > deadline) throw new InsideFailure(`${object.kind} ${object.metadata.name} does not go: ${blockers(left)}`, true);
        await sleep(POLL_MS);
      }
    });
  }

  /** Talks to the API as the program's provider would. */
  private async reaching<Result>(connection: Connection, work: (client: KubeClient) => Promise<Result>): Promise<Result> {
    const running = this.clusterAt(connection);
    try {
      return await work(await this.access.client(connection));
    } catch (error) {
      throw error instanceof InsideFailure ? error : new InsideFailure(why(error, running), false);
    }
  }

  private clusterAt({ cluster }: Connection): RunningCluster {
    const running = this.clusters.at(cluster);
    if (!running) throw new InsideFailure(`No Kubernetes API answers at "${cluster}"`, false);
    return running;
  }
}

function why(error: unknown, { name, api }: RunningCluster): string {
  if (api.failure !== undefined) return `The Kubernetes API of ${name} is gone: ${api.failure}`;
  return error instanceof Error ? error.message : String(error);
}

/** Conditions with which the API says what holds a namespace. */
function blockers(object: KubeObject): string {
  const { conditions = [] } = (object["status"] ?? {}) as { readonly conditions?: readonly Condition[] };
  const messages = conditions.filter(({ status }) => status === "True").flatMap(({ message }) => message ?? []);
  const finalizers = object.metadata.finalizers ?? [];
  return [...messages, ...(finalizers.length > 0 ? [`finalizers ${finalizers.join(", ")}`] : [])].join("; ") || "it says no reason";
}
