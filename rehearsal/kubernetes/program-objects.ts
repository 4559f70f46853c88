import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "../provider/connection";
import { InsideFailure } from "../provider/inside";
import type { ObjectValue } from "../provider/values";
import type { WorldObject } from "../world";
import { nameOf } from "./helm";
import type { KubeClient } from "./kube-client";
import type { Condition, KubeObject } from "./kube-objects";
import { kubeObjectOf, withMetadata } from "./kubernetes-resources";
import type { LocalClusters, RunningCluster } from "./local-clusters";
import type { ProgramAccess } from "./program-access";
import type { RecoveredRelease } from "./recover-releases";
import { releaseStatus } from "./release-status";
import type { Releases } from "./releases";

/** Longest time that a deletion may take, in milliseconds; the provider's own limit. */
const DELETION_TIMEOUT_MS = 300_000;

/** How often a deletion is looked after, in milliseconds. */
const POLL_MS = 200;

/**
 * Does what the published Helm and Kubernetes providers do, in their place: releases by Helm itself, objects through
 * the API, both with the access that the program configures.
 */
export class ProgramObjects {
  constructor(
    private readonly clusters: LocalClusters,
    private readonly releases: Releases,
    private readonly access: ProgramAccess,
  ) {}

  async create(object: WorldObject, connection: Connection): Promise<ObjectValue> {
    const { type, attributes } = object;
    if (type === "helm_release") return this.applyRelease("install", attributes, connection);
    return this.reaching(connection, async (client) => withMetadata(attributes, await client.create(kubeObjectOf(type, attributes))));
  }

  async update(object: WorldObject, connection: Connection): Promise<ObjectValue> {
    const { type, attributes } = object;
    if (type === "helm_release") return this.applyRelease("upgrade", attributes, connection);
    return this.reaching(connection, async (client) => withMetadata(attributes, await client.replace(kubeObjectOf(type, attributes))));
  }

  async delete({ type, attributes }: WorldObject, connection: Connection): Promise<void> {
    if (type !== "helm_release") return this.removeObject(kubeObjectOf(type, attributes), connection);
    const running = this.clusterAt(connection);
    await this.releases.remove(attributes, this.access.kubeconfig(connection)).catch((error: unknown) => {
      throw new InsideFailure(why(error, running), true);
    });
  }

  async read({ type, attributes }: WorldObject, connection: Connection): Promise<ObjectValue | undefined> {
    if (type === "helm_release")
      return this.reaching(connection, async (client) => {
        const [name, namespace] = nameOf(attributes);
        const status = await releaseStatus(client, namespace, name);
        return status === undefined ? undefined : status === attributes["status"] ? attributes : { ...attributes, status };
      });
    return this.reaching(connection, async (client) => {
      const { apiVersion, kind, metadata } = kubeObjectOf(type, attributes);
      const found = await client.find(apiVersion, kind, metadata.name, metadata.namespace);
      return found && withMetadata(attributes, found);
    });
  }

  /** Mends the releases of every cluster whose Helm was killed. */
  async recover(): Promise<readonly RecoveredRelease[]> {
    return (await Promise.all(this.clusters.all().map((cluster) => this.releases.recover(cluster)))).flat();
  }

  interrupt(): void {
    this.releases.interrupt();
  }

  close(): void {
    this.access.close();
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
