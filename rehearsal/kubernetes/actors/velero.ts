import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ApiError } from "../kube-transport";
import type { KubeObject } from "../kube-objects";
import { runs, type Actor, type ActorStage } from "./actor";

const IMAGE = "velero/velero";
const API = "velero.io/v1";

/** Kinds that a restore must not bring back, because controllers make them anew. */
const NOT_RESTORED = ["Node", "Event", "Endpoints", "EndpointSlice", "Lease", "PodMetrics", "NodeMetrics", "TokenReview"];

interface Location extends KubeObject {
  readonly spec: { readonly objectStorage: { readonly bucket: string; readonly prefix?: string }; readonly accessMode?: string };
}

interface Backup extends KubeObject {
  readonly spec: {
    readonly storageLocation?: string;
    readonly includedNamespaces?: readonly string[];
    readonly excludedNamespaces?: readonly string[];
  };
  readonly status?: { readonly phase?: string };
}

interface Restore extends KubeObject {
  readonly spec: {
    readonly backupName: string;
    readonly namespaceMapping?: Readonly<Record<string, string>>;
    readonly includedNamespaces?: readonly string[];
  };
  readonly status?: { readonly phase?: string };
}

/** With this Velero holds a restore until it has removed from the bucket what belongs to it. */
const FINALIZER = "restores.velero.io/external-resources-finalizer";

/**
 * Velero: backups copy the objects of their namespaces into a folder that stands for the bucket, and restores bring
 * them back. Volumes' contents do not exist here, so none are copied.
 */
export class Velero implements Actor {
  readonly name = "velero";
  readonly simulates = "Velero: objects are copied to a folder in the bucket's place and back; volumes have no contents";

  constructor(private readonly stage: ActorStage) {}

  async act(): Promise<void> {
    const { mirror } = this.stage;
    const locations = await mirror.list<Location>(API, "BackupStorageLocation");
    if (locations.length === 0 || !(await runs(mirror, IMAGE))) return;
    for (const location of locations)
      if ((location["status"] as { readonly phase?: string } | undefined)?.phase !== "Available")
        await this.phase(location, "Available", { lastValidationTime: new Date().toISOString() });
    for (const schedule of await mirror.list(API, "Schedule"))
      if ((schedule["status"] as { readonly phase?: string } | undefined)?.phase !== "Enabled") await this.phase(schedule, "Enabled");
    for (const location of locations) await this.showBackupsOf(location);
    for (const backup of await mirror.list<Backup>(API, "Backup")) await this.backUp(backup, locations);
    for (const restore of await mirror.list<Restore>(API, "Restore")) await this.restore(restore, locations);
  }

  /** A phase at a time, so that whoever watches sees each. */
  private async backUp(backup: Backup, locations: readonly Location[]): Promise<void> {
    const location = locations.find(({ metadata }) => metadata.name === (backup.spec.storageLocation ?? "default"));
    switch (backup.status?.phase ?? "New") {
      case "New":
        if (!location) return this.phase(backup, "FailedValidation", { validationErrors: ["there is no such backup storage location"] });
        if (location.spec.accessMode === "ReadOnly")
          return this.phase(backup, "FailedValidation", {
            validationErrors: ["backup can't be created because the location is read-only"],
          });
        return this.phase(backup, "InProgress", { startTimestamp: new Date().toISOString() });
      case "InProgress": {
        if (!location) return;
        const objects = await this.collect(backup);
        const folder = this.bucket(location);
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, `${backup.metadata.name}.json`), JSON.stringify({ spec: backup.spec, objects }), { mode: 0o600 });
        return this.phase(backup, "Completed", {
          completionTimestamp: new Date().toISOString(),
          progress: { itemsBackedUp: objects.length, totalItems: objects.length },
        });
      }
    }
  }

  private async restore(restore: Restore, locations: readonly Location[]): Promise<void> {
    const { deletionTimestamp, finalizers = [] } = restore.metadata;
    if (deletionTimestamp !== undefined)
      return this.finalizers(
        restore,
        finalizers.filter((finalizer) => finalizer !== FINALIZER),
      );
    if (!finalizers.includes(FINALIZER)) return this.finalizers(restore, [...finalizers, FINALIZER]);
    if (!["New", "InProgress"].includes(restore.status?.phase ?? "New")) return;
    const file = locations.map((location) => join(this.bucket(location), `${restore.spec.backupName}.json`)).find(existsSync);
    if (file === undefined)
      return this.phase(restore, "FailedValidation", { validationErrors: [`backup ${restore.spec.backupName} not found`] });
    if (restore.status?.phase === undefined || restore.status.phase === "New") return this.phase(restore, "InProgress");
    const { objects } = JSON.parse(readFileSync(file, "utf8")) as { readonly objects: readonly KubeObject[] };
    const { namespaceMapping = {}, includedNamespaces = ["*"] } = restore.spec;
    let restored = 0;
    for (const object of objects) {
      const namespace = object.metadata.namespace ?? "";
      if (!includedNamespaces.includes("*") && !includedNamespaces.includes(namespace)) continue;
      if (await this.bringBack(object, namespaceMapping[namespace] ?? namespace)) restored += 1;
    }
    await this.phase(restore, "Completed", { progress: { itemsRestored: restored, totalItems: objects.length } });
  }

  private async finalizers(restore: Restore, finalizers: readonly string[]): Promise<void> {
    if (finalizers.length !== (restore.metadata.finalizers ?? []).length)
      await this.stage.client.merge(restore, { metadata: { finalizers } });
  }

  /** What exists already stays as it is, as with Velero. */
  private async bringBack(object: KubeObject, namespace: string): Promise<boolean> {
    const { client } = this.stage;
    const { name, labels, annotations } = object.metadata;
    try {
      if (!(await client.find("v1", "Namespace", namespace)))
        await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
      await client.create({ ...object, status: undefined, metadata: { name, namespace, labels, annotations } });
      return true;
    } catch (error) {
      if (error instanceof ApiError && [404, 409, 422].includes(error.status)) return false;
      throw error;
    }
  }

  private async collect({ spec }: Backup): Promise<readonly KubeObject[]> {
    const { client } = this.stage;
    const included = spec.includedNamespaces ?? ["*"];
    const objects: KubeObject[] = [];
    for (const { apiVersion, kind, namespaced } of await client.listableKinds()) {
      if (!namespaced || NOT_RESTORED.includes(kind) || apiVersion === API) continue;
      for (const object of await client.list(apiVersion, kind)) {
        const namespace = object.metadata.namespace ?? "";
        const inBackup = (included.includes("*") || included.includes(namespace)) && spec.excludedNamespaces?.includes(namespace) !== true;
        // What a controller owns comes back with its owner.
        if (inBackup && (object.metadata.ownerReferences ?? []).length === 0) objects.push(object);
      }
    }
    return objects;
  }

  /** A backup in a bucket shows in every cluster that reads the bucket. */
  private async showBackupsOf(location: Location): Promise<void> {
    const folder = this.bucket(location);
    if (!existsSync(folder)) return;
    const known = new Set((await this.stage.mirror.list(API, "Backup")).map(({ metadata }) => metadata.name));
    for (const file of readdirSync(folder)) {
      const name = file.replace(/\.json$/, "");
      if (known.has(name)) continue;
      const { spec } = JSON.parse(readFileSync(join(folder, file), "utf8")) as { readonly spec: object };
      const backup: KubeObject = {
        apiVersion: API,
        kind: "Backup",
        metadata: { name, namespace: location.metadata.namespace },
        spec: { ...spec, storageLocation: location.metadata.name },
      };
      await this.phase(await this.stage.client.create(backup), "Completed");
    }
  }

  private bucket({ spec: { objectStorage } }: Location): string {
    return join(this.stage.folder, objectStorage.bucket, objectStorage.prefix ?? "");
  }

  /** Velero's kinds keep their status in the object itself, some in a resource of its own. */
  private async phase(object: KubeObject, phase: string, more: object = {}): Promise<void> {
    const status = { status: { phase, ...more } };
    const { client } = this.stage;
    await client.merge(object, status);
    await client.merge(object, status, "status").catch((error: unknown) => {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    });
  }
}
