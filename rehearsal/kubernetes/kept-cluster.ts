import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { textOf } from "../provider/values";
import type { World } from "../world";

/** Files that are an API's identity, of all that its working folder holds. */
const KEYS = /\.(crt|key)$/;

/**
 * What outlives a cluster's API, so that it can be started again as it was: keys and certificates, its port, and etcd's
 * data. Everything else is made anew with each start.
 */
export class KeptCluster {
  constructor(private readonly folder: string) {}

  /** Port that the API had; undefined when it never became ready. */
  get port(): number | undefined {
    return existsSync(this.portFile) ? Number(readFileSync(this.portFile, "utf8")) : undefined;
  }

  /** Folder of etcd's data. */
  get data(): string {
    return join(this.folder, "etcd");
  }

  /** Keeps the keys of a working folder, and the port: from then on the API can be started again. */
  keep(working: string, port: number): void {
    mkdirSync(this.keys, { recursive: true, mode: 0o700 });
    copyKeys(working, this.keys);
    writeFileSync(this.portFile, String(port));
  }

  /** Gives a working folder the keys that were kept. */
  restoreKeys(working: string): void {
    copyKeys(this.keys, working);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get keys(): string {
    return join(this.folder, "keys");
  }

  private get portFile(): string {
    return join(this.folder, "port");
  }
}

/** What is kept of the clusters of a world, one folder each. */
export class KeptClusters {
  constructor(private readonly folder: string) {}

  of(cluster: string): KeptCluster {
    return new KeptCluster(join(this.folder, encodeURIComponent(cluster)));
  }

  /** Removes what is kept of clusters that a world has no more, or never got to know. */
  sweep(world: World): void {
    if (!existsSync(this.folder)) return;
    const known = clusterNames(world).map(encodeURIComponent);
    for (const name of readdirSync(this.folder))
      if (!known.includes(name)) rmSync(join(this.folder, name), { recursive: true, force: true });
  }
}

/** Names of the EKS clusters of a world. */
export function clusterNames(world: World): readonly string[] {
  return world.ofType("aws_eks_cluster").map(({ attributes }) => textOf(attributes["name"]));
}

/** Copies keep their mode: keys are readable by their owner only. */
function copyKeys(from: string, to: string): void {
  for (const file of readdirSync(from)) if (KEYS.test(file)) copyFileSync(join(from, file), join(to, file));
}
