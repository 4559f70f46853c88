import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { goTool, HELM } from "../../charts/go-tool";
import type { Connection } from "../provider/connection";
import type { Inside } from "../provider/inside";
import { textOf, type ObjectValue } from "../provider/values";
import type { World, WorldObject } from "../world";
import { Authenticator } from "./access";
import type { ChartFinder } from "./chart-finder";
import { Helm } from "./helm";
import type { KeptClusters } from "./kept-cluster";
import { LocalClusters, type Examination } from "./local-clusters";
import { ProgramAccess } from "./program-access";
import { ProgramObjects } from "./program-objects";
import type { RecoveredRelease } from "./recover-releases";
import { Releases } from "./releases";

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
  /** Name and version of published providers that Terraform runs; undefined when their work is done here. */
  readonly published: readonly string[] | undefined;
  /** Told what takes long. */
  readonly onProgress?: (text: string) => void;
}

/** Variables that tell Helm or a provider of another cluster than the program's, or where to keep releases. */
const ELSEWHERE = /^(KUBE|HELM_)/;

/**
 * Real Kubernetes APIs where the world's EKS clusters would be. What programs put into them is applied for real: by
 * the published providers, or in their place by Helm itself and through the API.
 */
export class LocalKubernetes implements Inside {
  private constructor(
    private readonly options: LocalKubernetesOptions,
    readonly clusters: LocalClusters,
    private readonly objects: ProgramObjects | undefined,
    private readonly authenticator: Authenticator,
  ) {}

  /**
   * @throws {GoMissing} when something has to be built and Go is not on PATH
   * @throws {CommandError} when clusters of the world cannot be started again
   */
  static async start(options: LocalKubernetesOptions): Promise<LocalKubernetes> {
    const { root, folder, world, charts, published } = options;
    mkdirSync(folder, { recursive: true });
    const helm = published === undefined ? await goTool(HELM) : undefined;
    const authenticator = await Authenticator.start(root, folder, world);
    const { path } = authenticator;
    const clusters = new LocalClusters({ ...options, authenticator });
    const objects =
      helm === undefined
        ? undefined
        : new ProgramObjects(
            clusters,
            new Releases(new Helm({ program: helm, folder: join(folder, "helm"), path }), charts),
            new ProgramAccess(folder, path),
          );
    const kubernetes = new LocalKubernetes(options, clusters, objects, authenticator);
    try {
      await clusters.resume();
      return kubernetes;
    } catch (error) {
      await kubernetes.stop();
      throw error;
    }
  }

  /** Ends every API; nothing keeps running. */
  async stop(): Promise<void> {
    this.interrupt();
    this.objects?.close();
    await this.clusters.stop();
    this.authenticator.stop();
  }

  interrupt(): void {
    this.objects?.interrupt();
  }

  /** Mends the releases of every cluster whose Helm was killed. */
  async recover(): Promise<readonly RecoveredRelease[]> {
    return (await this.objects?.recover()) ?? [];
  }

  /** Charts that were stubbed because their packages are missing. */
  get stubbed(): readonly string[] {
    return [...this.options.charts.stubbed].sort();
  }

  /** Name and version of the published providers that ran; empty when their work was done here. */
  get published(): readonly string[] {
    return this.options.published ?? [];
  }

  /** Environment of published providers: the credential plugin on PATH, and no way to any other cluster. */
  get env(): Readonly<Record<string, string | undefined>> {
    const helm = join(this.options.folder, "helm");
    return {
      ...Object.fromEntries(Object.keys(process.env).flatMap((name) => (ELSEWHERE.test(name) ? [[name, undefined]] : []))),
      PATH: `${this.authenticator.path}${delimiter}${process.env["PATH"] ?? ""}`,
      HELM_CACHE_HOME: join(helm, "cache"),
      HELM_CONFIG_HOME: join(helm, "config"),
      HELM_DATA_HOME: join(helm, "data"),
    };
  }

  /** Looks at every cluster that runs; see {@link LocalClusters.examine}. */
  examine(sizes: boolean): Promise<readonly Examination[]> {
    return this.clusters.examine(sizes);
  }

  async create(object: WorldObject, connection: Connection): Promise<ObjectValue> {
    const { type, attributes } = object;
    if (type === "aws_eks_cluster") return this.clusters.start(attributes);
    if (this.objects && isInside(type)) return this.objects.create(object, connection);
    await this.clusters.affect(object, false);
    return attributes;
  }

  async update(object: WorldObject, connection: Connection): Promise<ObjectValue> {
    const { type, attributes } = object;
    if (type === "aws_eks_cluster") await this.clusters.upgrade(attributes);
    if (this.objects && isInside(type)) return this.objects.update(object, connection);
    await this.clusters.affect(object, false);
    return attributes;
  }

  async delete(object: WorldObject, connection: Connection): Promise<void> {
    const { type, attributes } = object;
    if (type === "aws_eks_cluster") await this.clusters.end(textOf(attributes["name"]));
    else if (this.objects && isInside(type)) await this.objects.delete(object, connection);
    else await this.clusters.affect(object, true);
  }

  async read(object: WorldObject, connection: Connection): Promise<ObjectValue | undefined> {
    return this.objects && isInside(object.type) ? this.objects.read(object, connection) : object.attributes;
  }
}

/** Types of the Helm and Kubernetes providers. */
function isInside(type: string): boolean {
  return type === "helm_release" || type.startsWith("kubernetes_");
}
