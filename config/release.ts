import type { z } from "zod";

/** How strictly a namespace admits pods; see https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export type PodSecurity = "privileged" | "baseline" | "restricted";

/** A namespace that a release lives in. */
export interface NamespaceDescription {
  readonly name: string;
  /** Undefined for a namespace that Kubernetes itself makes and that is not ours to change. */
  readonly podSecurity?: PodSecurity;
  /** Labels besides those of pod security. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Where a release's chart comes from: the lock, or `local-charts/`. */
export type ChartSource = { readonly locked: string } | { readonly local: string };

/** What is known of a release before any construct exists: what the checks and the order need, and what a user reads. */
export interface ReleaseDescription {
  /** Name of the Helm release, unique on a cluster. */
  readonly name: string;
  readonly chart: ChartSource;
  readonly namespace: NamespaceDescription;
  /**
   * Installed only where the fleet asks for it.
   * @default false: installed unless the fleet leaves it out
   */
  readonly onRequest?: boolean;
  /** Releases that must be there before this one is installed, and until it is gone. */
  readonly requires: readonly string[];
  /** Releases that cannot be on the same cluster. */
  readonly conflictsWith?: readonly string[];
  /** Ports that its pods take on the host. */
  readonly hostPorts?: readonly number[];
  /** Shape of the options that a fleet may give. */
  readonly options: z.ZodType<object>;
  /** What breaks without it. */
  readonly without: string;
  /** Commands that show how it does on a running cluster. */
  readonly look: readonly string[];
}

/** A release that a cluster gets, with the options that the fleet gives it. */
export interface RequestedRelease {
  readonly name: string;
  readonly options: object;
}

/** The releases of a platform, in the order of their installation, or the reason why there is no order. */
export type ReleaseOrder =
  | { readonly order: readonly ReleaseDescription[]; readonly circle?: undefined }
  | { readonly order?: undefined; readonly circle: readonly string[] };

/** Sorts releases so that each comes after what it requires; what is free stays in the order given. */
export function releaseOrder(releases: readonly ReleaseDescription[]): ReleaseOrder {
  const order: ReleaseDescription[] = [];
  const visit = (release: ReleaseDescription, path: readonly string[]): readonly string[] | undefined => {
    if (order.includes(release)) return undefined;
    const { name, requires } = release;
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    for (const required of releases.filter((other) => requires.includes(other.name))) {
      const circle = visit(required, [...path, name]);
      if (circle) return circle;
    }
    order.push(release);
    return undefined;
  };
  for (const release of releases) {
    const circle = visit(release, []);
    if (circle) return { circle };
  }
  return { order };
}
