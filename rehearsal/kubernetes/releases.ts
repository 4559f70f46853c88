import { isObject, textOf, type ObjectValue } from "../provider/values";
import type { ChartFinder } from "./chart-finder";
import { nameOf, type Helm, type HelmRelease } from "./helm";
import type { RunningCluster } from "./local-clusters";
import { recoverReleases, type RecoveredRelease } from "./recover-releases";

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

/** The releases of every cluster, applied by real Helm. */
export class Releases {
  private readonly installed = new Map<string, InstalledRelease>();

  constructor(
    private readonly helm: Helm,
    readonly charts: ChartFinder,
  ) {}

  /** As they were installed last, in the order of their first installation. */
  all(): readonly InstalledRelease[] {
    return [...this.installed.values()];
  }

  /**
   * Installs or upgrades from the arguments of a `helm_release`.
   * @returns its attributes, with what Helm says of the release
   * @throws {HelmError} with Helm's words
   */
  async apply(
    command: "install" | "upgrade",
    attributes: ObjectValue,
    kubeconfig: string,
    { name: cluster, api }: RunningCluster,
  ): Promise<ObjectValue> {
    const [name, namespace] = nameOf(attributes);
    const started = performance.now();
    const chart = await this.charts.find(textOf(attributes["chart"]));
    // With `upgrade_install`, what exists already is upgraded, and so is what a killed run left.
    const verb = command === "install" && attributes["upgrade_install"] === true ? "upgrade" : command;
    const release = await this.helm.apply(verb, attributes, chart, kubeconfig, api.client);
    this.installed.set(`${cluster}/${namespace}/${name}`, {
      cluster,
      name,
      namespace,
      chart: release.chart.metadata.name,
      version: release.chart.metadata.version,
      manifest: release.manifest,
      seconds: (performance.now() - started) / 1000,
    });
    return withRelease(attributes, release);
  }

  /** @throws {HelmError} when hooks fail, or objects do not go */
  async remove(attributes: ObjectValue, kubeconfig: string, { name: cluster }: RunningCluster): Promise<void> {
    const [name, namespace] = nameOf(attributes);
    await this.helm.uninstall(attributes, { kubeconfig });
    this.installed.delete(`${cluster}/${namespace}/${name}`);
  }

  /** Mends releases whose Helm was killed; see {@link recoverReleases}. */
  recover(cluster: RunningCluster): Promise<readonly RecoveredRelease[]> {
    return recoverReleases(this.helm, cluster);
  }

  /** Forgets the releases of a cluster that is gone. */
  forget(cluster: string): void {
    for (const [key, release] of this.installed) if (release.cluster === cluster) this.installed.delete(key);
  }

  /** Asks Helm to stop. */
  interrupt(): void {
    this.helm.interrupt();
  }
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
      first_deployed: seconds(info.first_deployed),
      last_deployed: seconds(info.last_deployed),
      revision: version,
      version: chart.metadata.version,
      notes: info.notes ?? "",
    },
  };
}

function seconds(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}
