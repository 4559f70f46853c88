import { Construct } from "constructs";
import type { ITerraformDependable } from "cdktf";
import { Release, type ReleaseConfig } from "@cdktf/provider-helm/lib/release";
import { crdsPackageName, packageName, type LockedChart } from "../../config/chart-lock";
import { localPackageName } from "../../config/local-charts";
import type { KeyTree } from "../../config/key-tree";
import type { ReleaseDescription } from "../../config/release";
import { transformed, type ReleaseArguments } from "../../config/transforms";
import type { ControllerIdentity } from "../cluster/identities/identity";
import type { PlatformContext } from "./platform-context";
import { checkValues } from "./values/check-values";
import { valuesText } from "./values/values-text";

/** Folder with the packages, seen from a stack's folder: programs name no path of the machine. */
const PACKAGES = "../../charts";

/** Revisions that Helm keeps to roll back to; each is a Secret in the release's namespace. */
const KEPT_REVISIONS = 5;

/** Minutes that Helm waits for a release to become ready before it rolls back. */
const TIMEOUT_MINUTES = 10;

/** What a release tells its base class besides its description. */
export interface PinnedReleaseProps<Values extends object> {
  readonly description: ReleaseDescription;
  /** Values that the chart knows; undefined for our own charts, whose schema Helm checks. */
  readonly keys?: KeyTree;
  readonly values: Values;
  /**
   * Minutes until Helm gives up waiting and rolls back.
   * @default 10
   */
  readonly timeoutMinutes?: number;
  /**
   * Refuses every plan that would remove it, and with it the stack.
   * @default false
   */
  readonly protect?: boolean;
  /** What must exist besides the releases that it requires. */
  readonly after?: readonly ITerraformDependable[];
}

/** A class of releases: what the index lists. */
export interface ReleaseClass {
  readonly description: ReleaseDescription;
  /** AWS identities of its pods; the cluster stack makes them, so that they are there before the pods. */
  readonly identities?: readonly ControllerIdentity[];
  new (scope: Construct, platform: PlatformContext, options: never): PinnedRelease;
}

/**
 * One Helm chart at its locked version with its values: installed and upgraded by Helm alone, rolled back when it does
 * not become ready, in the order of its requirements.
 */
export abstract class PinnedRelease<Values extends object = object> extends Construct {
  readonly resource: Release;
  /** Values as they go to Helm, after the fleet's `transform`. */
  readonly values: Readonly<Record<string, unknown>>;
  /** What is declared, and where its values are, for problems. */
  readonly source: ReleaseSource;

  protected constructor(scope: Construct, platform: PlatformContext, props: PinnedReleaseProps<Values>) {
    const { description, keys, values, timeoutMinutes = TIMEOUT_MINUTES, protect = false, after = [] } = props;
    const { name, namespace, requires } = description;
    super(scope, name);
    const source = sourceOf(description, platform);
    const required = requires.map((other) => platform.release(other).resource);
    // Namespaces come before what requires nothing, and so before everything.
    const dependsOn = [...(requires.length === 0 ? platform.namespaces : []), ...required, ...after];
    const defaults: Omit<ReleaseArguments, "values"> = {
      name,
      chart: `${PACKAGES}/${source.package}`,
      version: source.version,
      namespace: namespace.name,
      // Takes over what a killed run left instead of failing with "cannot re-use a name that is still in use".
      upgradeInstall: true,
      atomic: true,
      cleanupOnFail: true,
      waitForJobs: true,
      maxHistory: KEPT_REVISIONS,
      timeout: timeoutMinutes * 60,
      skipCrds: source.skipCrds,
      ...(protect ? { lifecycle: { preventDestroy: true } } : {}),
    };
    const crds = source.crdsPackage === undefined ? [] : [this.installCrds(defaults, source.crdsPackage, dependsOn)];
    const { values: final, ...config } = transformed(
      platform.transforms?.release,
      { ...defaults, values: { ...values } as Readonly<Record<string, unknown>> },
      name,
    );
    this.values = final;
    this.source = {
      path: platform.valuesPath(name),
      chart: "locked" in description.chart ? description.chart.locked : undefined,
      packages: [source.package, ...(source.crdsPackage === undefined ? [] : [source.crdsPackage])],
    };
    const text = valuesText(final);
    platform.problems.push(...checkValues({ path: platform.valuesPath(name), keys, values: final, text, chart: source.label }));
    this.resource = new Release(this, "release", { ...config, values: [text], dependsOn: [...dependsOn, ...crds] });
  }

  /** Definitions that the chart itself never upgrades, as a release of their own. */
  private installCrds(
    defaults: Omit<ReleaseArguments, "values">,
    crdsPackage: string,
    dependsOn: readonly ITerraformDependable[],
  ): ITerraformDependable {
    const config: ReleaseConfig = { ...defaults, name: `${defaults.name}-crds`, chart: `${PACKAGES}/${crdsPackage}`, skipCrds: false };
    return new Release(this, "crds", { ...config, dependsOn: [...dependsOn] });
  }
}

/** Where a release comes from. */
export interface ReleaseSource {
  /** Where its values are declared. */
  readonly path: string;
  /** Name of the locked chart; undefined for our own. */
  readonly chart: string | undefined;
  /** File names of its packages. */
  readonly packages: readonly string[];
}

interface Source {
  readonly package: string;
  readonly version: string;
  readonly label: string;
  readonly skipCrds: boolean;
  readonly crdsPackage?: string;
}

function sourceOf({ chart }: ReleaseDescription, { charts, localCharts }: PlatformContext): Source {
  if ("local" in chart) {
    const local = found(localCharts[chart.local], chart.local);
    return { package: localPackageName(local), version: local.version, label: `local-charts/${local.name}`, skipCrds: false };
  }
  const locked = found(charts[chart.locked], chart.locked);
  return {
    package: packageName(locked),
    version: locked.version,
    label: `${locked.name} ${locked.version}`,
    skipCrds: SKIPS_CRDS[locked.crds.way],
    ...(locked.crds.way === "derived" ? { crdsPackage: crdsPackageName(locked) } : {}),
  };
}

/**
 * Whether Helm leaves a chart's `crds/` alone. A chart with a hook of its own still needs it at the first installation:
 * Helm maps every object to a kind before any hook runs.
 */
const SKIPS_CRDS: Readonly<Record<LockedChart["crds"]["way"], boolean>> = {
  none: false,
  "own-hook": false,
  "own-templates": false,
  derived: true,
  skipped: true,
};

function found<T>(chart: T | undefined, name: string): T {
  if (chart === undefined) throw new Error(`The chart ${name} is missing from the resolved fleet.`);
  return chart;
}
