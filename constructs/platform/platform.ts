import { Construct } from "constructs";
import type { ITerraformDependable } from "cdktf";
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import type { Cluster, Colour, Fleet } from "../../config/fleet";
import type { Problem } from "../../config/problems";
import type { NamespaceDescription } from "../../config/release";
import { RELEASES } from "./index";
import type { PinnedRelease, ReleaseClass } from "./pinned-release";
import type { PlatformFacts } from "./platform-context";

/** Options of {@link Platform}. */
export interface PlatformProps {
  readonly fleet: Fleet;
  readonly cluster: Cluster;
  readonly colour: Colour;
  /** Name of the colour, such as `acme-production-blue`. */
  readonly name: string;
  readonly facts: PlatformFacts;
  /** Gets what is wrong with values. */
  readonly problems: Problem[];
}

/** The namespaces and releases of one colour, each release after what it requires. */
export class Platform extends Construct {
  readonly releases: ReadonlyMap<string, PinnedRelease>;

  constructor(scope: Construct, id: string, { fleet, cluster, colour, name, facts, problems }: PlatformProps) {
    super(scope, id);
    const wanted = cluster.releases.map((request) => ({ ...request, type: releaseClass(request.name) }));
    const namespaces = namespacesOf(wanted.map(({ type }) => type));
    const made = new Map<string, PinnedRelease>();
    const platform = {
      cluster,
      colour,
      name,
      facts,
      problems,
      charts: fleet.charts,
      localCharts: fleet.localCharts,
      namespaces: namespaces.map((namespace) => makeNamespace(this, namespace)),
      namespaceNames: namespaces.map((namespace) => namespace.name),
      releaseNames: wanted.map((release) => release.name),
      hasDeployers: fleet.github !== undefined || fleet.access.deployers.length > 0 || cluster.assumeRoleArn !== undefined,
      transforms: cluster.transform.platform,
      valuesPath: (release: string) => `clusters.${cluster.name}: values of ${release}`,
      release: (release: string) => {
        const found = made.get(release);
        if (!found) throw new Error(`${release} is not made yet; the resolved fleet has releases out of order.`);
        return found;
      },
    };
    for (const { type: Type, options, name: release } of wanted) made.set(release, new Type(this, platform, options as never));
    this.releases = made;
  }
}

/** The class of a release that the fleet names; checks have refused every other name. */
export function releaseClass(name: string): ReleaseClass {
  const found = RELEASES.find(({ description }) => description.name === name);
  if (!found) throw new Error(`There is no release ${name}.`);
  return found;
}

/** Namespaces that are ours to make, each once. */
function namespacesOf(types: readonly ReleaseClass[]): readonly NamespaceDescription[] {
  const all = types.map(({ description }) => description.namespace).filter(({ podSecurity }) => podSecurity !== undefined);
  return all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index);
}

/** A resource of its own, so that it goes away with the platform: Helm would leave it behind. */
function makeNamespace(scope: Construct, { name, podSecurity, labels = {} }: NamespaceDescription): ITerraformDependable {
  const security = Object.fromEntries(
    ["enforce", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, podSecurity ?? "privileged"]),
  );
  return new NamespaceV1(scope, `namespace-${name}`, { metadata: { name, labels: { ...security, ...labels } } });
}
