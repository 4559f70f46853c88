import { isObject, textOf, type ObjectValue } from "../provider/values";
import type { ChartFinder } from "./chart-finder";
import type { Helm, HelmRelease } from "./helm";
import type { RunningCluster } from "./local-clusters";
import { recoverReleases, type RecoveredRelease } from "./recover-releases";

/** Applies `helm_release` resources with real Helm. */
export class Releases {
  constructor(
    private readonly helm: Helm,
    private readonly charts: ChartFinder,
  ) {}

  /**
   * Installs or upgrades from the arguments of a `helm_release`.
   * @returns its attributes, with what Helm says of the release
   * @throws {HelmError} with Helm's words
   */
  async apply(command: "install" | "upgrade", attributes: ObjectValue, kubeconfig: string, { api }: RunningCluster): Promise<ObjectValue> {
    const chart = await this.charts.find(textOf(attributes["chart"]));
    // With `upgrade_install`, what exists already is upgraded, and so is what a killed run left.
    const verb = command === "install" && attributes["upgrade_install"] === true ? "upgrade" : command;
    return withRelease(attributes, await this.helm.apply(verb, attributes, chart, kubeconfig, api.client));
  }

  /** @throws {HelmError} when hooks fail, or objects do not go */
  remove(attributes: ObjectValue, kubeconfig: string): Promise<void> {
    return this.helm.uninstall(attributes, { kubeconfig });
  }

  /** Mends releases whose Helm was killed; see {@link recoverReleases}. */
  recover(cluster: RunningCluster): Promise<readonly RecoveredRelease[]> {
    return recoverReleases(this.helm, cluster);
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
