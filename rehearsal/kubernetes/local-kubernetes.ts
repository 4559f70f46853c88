import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { goTool, HELM } from "../../charts/go-tool";
import type { Connection } from "../provider/connection";
import { InsideFailure, type Inside } from "../provider/inside";
import { isObject, textOf, type ObjectValue } from "../provider/values";
import type { World, WorldObject } from "../world";
import { Authenticator, bindAccess, unbindAccess } from "./access";
import { Actors } from "./actors";
import type { ChartFinder } from "./chart-finder";
import { nodesJoin, nodesLeave } from "./cluster-effects";
import { controlPlaneBinary } from "./control-plane-binary";
import { Helm, HelmError, nameOf, type HelmRelease } from "./helm";
import { ApiError, type KubeClient } from "./kube-client";
import type { KubeObject } from "./kube-objects";
import { kubeObjectOf, withMetadata } from "./kubernetes-resources";
import { LocalApi } from "./local-api";
import { ProgramAccess } from "./program-access";
import { releaseStatus } from "./release-status";

/** Longest time that the deletion of a namespace may take, in milliseconds; the provider's own limit. */
const NAMESPACE_TIMEOUT_MS = 300_000;

/** How often a deletion is looked after, in milliseconds. */
const POLL_MS = 200;

/** A release that Helm installed or upgraded. */
export interface InstalledRelease {
  readonly cluster: string;
  readonly name: string;
  readonly namespace: string;
  readonly chart: string;
  readonly version: string;
  /** Everything that the release consists of, as YAML. */
  readonly manifest: string;
  /** How long Helm took, its wait included. */
  readonly seconds: number;
}

/** A colour's API and what plays around it. */
export interface RunningCluster {
  readonly name: string;
  readonly api: LocalApi;
  readonly actors: Actors;
}

/** Options of {@link LocalKubernetes.start}. */
export interface LocalKubernetesOptions {
  readonly root: string;
  /** Folder for logs and files of clients. */
  readonly folder: string;
  readonly world: World;
  readonly charts: ChartFinder;
  /** Told what takes long. */
  readonly onProgress?: (text: string) => void;
}

/**
 * Real Kubernetes APIs where the world's EKS clusters would be: one for each cluster that exists, with nodes from its
 * node groups and rights from its access entries; Helm and Kubernetes resources are applied to them for real.
 */
export class LocalKubernetes implements Inside {
  /** Clusters that exist, by name. */
  readonly clusters = new Map<string, RunningCluster>();
  /** Releases as they were installed last, by cluster, namespace and name. */
  readonly releases = new Map<string, InstalledRelease>();
  /** What a cluster still held when it was deleted; for the report. */
  readonly ended: { readonly cluster: string; readonly objects: readonly KubeObject[] }[] = [];

  private constructor(
    private readonly options: LocalKubernetesOptions,
    private readonly authenticator: Authenticator,
    private readonly access: ProgramAccess,
    private readonly helm: Helm,
  ) {}

  /** @throws {GoMissing} when something has to be built and Go is not on PATH */
  static async start(options: LocalKubernetesOptions): Promise<LocalKubernetes> {
    const { root, folder, world } = options;
    mkdirSync(folder, { recursive: true });
    const program = await goTool(HELM);
    const authenticator = await Authenticator.start(root, folder, world);
    const access = new ProgramAccess(folder, authenticator.path);
    return new LocalKubernetes(
      options,
      authenticator,
      access,
      new Helm({ program, folder: join(folder, "helm"), path: authenticator.path }),
    );
  }

  /** Ends every API; nothing keeps running. */
  async stop(): Promise<void> {
    this.helm.interrupt();
    this.access.close();
    for (const { api, actors } of this.clusters.values()) {
      actors.stop();
      await api.stop();
    }
    this.clusters.clear();
    this.authenticator.stop();
  }

  interrupt(): void {
    this.helm.interrupt();
  }

  async create(object: WorldObject, connection: Connection): Promise<ObjectValue> {
    const { type, attributes } = object;
    if (type === "aws_eks_cluster") return this.startCluster(attributes);
    if (type === "helm_release") return this.applyRelease("install", attributes, connection);
    if (type.startsWith("kubernetes_")) return this.applyObject(type, attributes, connection, "create");
    await this.affectCluster(object, false);
    return attributes;
  }

  async update(object: WorldObject, connection: Connection): Promise<ObjectValue> {
    const { type, attributes } = object;
    if (type === "aws_eks_cluster") await this.upgradeCluster(attributes);
    if (type === "helm_release") return this.applyRelease("upgrade", attributes, connection);
    if (type.startsWith("kubernetes_")) return this.applyObject(type, attributes, connection, "replace");
    await this.affectCluster(object, false);
    return attributes;
  }

  async delete(object: WorldObject, connection: Connection): Promise<void> {
    const { type, attributes } = object;
    if (type === "aws_eks_cluster") await this.endCluster(textOf(attributes["name"]));
    else if (type === "helm_release") await this.removeRelease(attributes, connection);
    else if (type.startsWith("kubernetes_")) await this.removeObject(kubeObjectOf(type, attributes), connection);
    else await this.affectCluster(object, true);
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

  private async startCluster(attributes: ObjectValue): Promise<ObjectValue> {
    const { root, folder, onProgress } = this.options;
    const name = textOf(attributes["name"]);
    const controlPlane = await controlPlaneBinary(root, textOf(attributes["version"]), (what) => onProgress?.(`building ${what}, once`));
    const api = await LocalApi.start({
      controlPlane,
      logs: join(folder, "logs", name),
      authenticator: this.authenticator.addressFor(name),
    });
    const actors = Actors.start({
      cluster: name,
      client: api.client,
      world: this.options.world,
      // Clusters share buckets.
      folder: join(folder, "buckets"),
      kubectl: api.program,
      endpoint: api.endpoint,
      authority: Buffer.from(api.certificateAuthority, "base64").toString("utf8"),
    });
    this.clusters.set(name, { name, api, actors });
    return { ...attributes, endpoint: api.endpoint, certificate_authority: [{ data: api.certificateAuthority }] };
  }

  private async upgradeCluster(attributes: ObjectValue): Promise<void> {
    const { root, onProgress } = this.options;
    const running = this.clusters.get(textOf(attributes["name"]));
    const minor = textOf(attributes["version"]);
    if (!running || running.api.minor === minor) return;
    await running.api.upgrade(await controlPlaneBinary(root, minor, (what) => onProgress?.(`building ${what}, once`)));
  }

  private async endCluster(name: string): Promise<void> {
    const running = this.clusters.get(name);
    if (!running) return;
    this.clusters.delete(name);
    running.actors.stop();
    await running.api.stop();
    for (const [key, { cluster }] of this.releases) if (cluster === name) this.releases.delete(key);
  }

  /** Node groups and access policies belong to AWS and show within the cluster. */
  private async affectCluster(object: WorldObject, gone: boolean): Promise<void> {
    const { type, attributes } = object;
    const running = this.clusters.get(textOf(attributes["cluster_name"]));
    if (!running) return;
    const { client } = running.api;
    if (type === "aws_eks_node_group") await (gone ? nodesLeave : nodesJoin)(client, this.options.world, attributes);
    else if (type === "aws_eks_access_policy_association") await (gone ? unbindAccess : bindAccess)(client, attributes);
  }

  private async applyRelease(command: "install" | "upgrade", attributes: ObjectValue, connection: Connection): Promise<ObjectValue> {
    const running = this.clusterAt(connection);
    const [name, namespace] = nameOf(attributes);
    const started = performance.now();
    try {
      const chart = await this.options.charts.find(textOf(attributes["chart"]));
      // With `upgrade_install`, what exists already is upgraded, and so is what a killed run left.
      const verb = command === "install" && attributes["upgrade_install"] === true ? "upgrade" : command;
      const release = await this.helm.apply(verb, attributes, chart, this.access.kubeconfig(connection), running.api.client);
      this.releases.set(`${running.name}/${namespace}/${name}`, {
        cluster: running.name,
        name,
        namespace,
        chart: release.chart.metadata.name,
        version: release.chart.metadata.version,
        manifest: release.manifest,
        seconds: (performance.now() - started) / 1000,
      });
      return withRelease(attributes, release);
    } catch (error) {
      throw new InsideFailure(this.why(error, running), command === "install" && attributes["atomic"] !== true);
    }
  }

  private async removeRelease(attributes: ObjectValue, connection: Connection): Promise<void> {
    const running = this.clusterAt(connection);
    const [name, namespace] = nameOf(attributes);
    try {
      await this.helm.uninstall(attributes, this.access.kubeconfig(connection));
    } catch (error) {
      throw new InsideFailure(this.why(error, running), true);
    }
    this.releases.delete(`${running.name}/${namespace}/${name}`);
  }

  private applyObject(type: string, attributes: ObjectValue, connection: Connection, verb: "create" | "replace"): Promise<ObjectValue> {
    return this.reaching(connection, async (client) => {
      const object = kubeObjectOf(type, attributes);
      return withMetadata(attributes, await (verb === "create" ? client.create(object) : client.replace(object)));
    });
  }

  private removeObject(object: KubeObject, connection: Connection): Promise<void> {
    return this.reaching(connection, async (client) => {
      await client.delete(object);
      const deadline = Date.now() + NAMESPACE_TIMEOUT_MS;
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
      if (error instanceof InsideFailure) throw error;
      throw new InsideFailure(this.why(error, running), false);
    }
  }

  private clusterAt({ cluster }: Connection): RunningCluster {
    const running = [...this.clusters.values()].find(({ api }) => api.endpoint === cluster);
    if (!running) throw new InsideFailure(`No Kubernetes API answers at "${cluster}"`, false);
    return running;
  }

  private why(error: unknown, { name, api }: RunningCluster): string {
    if (api.failure !== undefined) return `The Kubernetes API of ${name} is gone: ${api.failure}`;
    if (error instanceof HelmError || error instanceof ApiError || error instanceof Error) return error.message;
    return String(error);
  }
}

/** Conditions with which the API says what holds a namespace. */
function blockers(object: KubeObject): string {
  const { conditions = [] } = (object["status"] ?? {}) as {
    readonly conditions?: readonly { readonly status: string; readonly message?: string }[];
  };
  const messages = conditions.filter(({ status }) => status === "True").flatMap(({ message }) => message ?? []);
  const finalizers = object.metadata.finalizers ?? [];
  return [...messages, ...(finalizers.length > 0 ? [`finalizers ${finalizers.join(", ")}`] : [])].join("; ") || "it says no reason";
}

function withRelease(attributes: ObjectValue, { version, info, chart }: HelmRelease): ObjectValue {
  const before = attributes["metadata"];
  return {
    ...attributes,
    status: info.status,
    version: chart.metadata.version,
    metadata: {
      ...(isObject(before) ? before : {}),
      app_version: chart.metadata.appVersion ?? "",
      chart: chart.metadata.name,
      first_deployed: Math.floor(Date.parse(info.first_deployed) / 1000),
      last_deployed: Math.floor(Date.parse(info.last_deployed) / 1000),
      revision: version,
      version: chart.metadata.version,
      notes: info.notes ?? "",
    },
  };
}
