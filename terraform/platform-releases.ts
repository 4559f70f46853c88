import { inOrder, type ProgramStack } from "./program";

/** A Helm release of a synthesized platform. */
export interface PlatformRelease {
  readonly name: string;
  readonly namespace: string;
  readonly version: string;
  /** Names of the releases it waits for. */
  readonly after: readonly string[];
}

/** The Helm releases of a stack, each after what it waits for. */
export function platformReleases({ resources }: Pick<ProgramStack, "resources">): readonly PlatformRelease[] {
  const releases = resources.filter(({ type }) => type === "helm_release");
  const nameOf = new Map(releases.map(({ address, arguments: args }) => [address, String(args["name"])]));
  const found = releases.map(({ arguments: args }) => ({
    name: String(args["name"]),
    namespace: String(args["namespace"]),
    version: String(args["version"]),
    after: ((args["depends_on"] ?? []) as readonly string[]).flatMap((address) => nameOf.get(address) ?? []),
  }));
  const order = inOrder(found.map(({ name, after }) => ({ name, dependencies: after }))).map(({ name }) => name);
  return [...found].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}
