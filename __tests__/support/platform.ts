import type { FleetDeclaration } from "../../config/declaration";
import { aCluster, aFleet, resolved, RUNNING } from "./fleets";
import { synthesized, type SynthesizedFleet } from "./synth";

/** A release as Terraform gets it. */
export interface SynthesizedRelease {
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Values as Helm gets them; references are `${...}` strings. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Names of the releases and namespaces it waits for. */
  readonly after: readonly string[];
}

/** The platform of a small cluster that runs blue. */
export interface SynthesizedPlatform {
  readonly fleet: SynthesizedFleet;
  /** @throws {Error} when there is no such release */
  readonly release: (name: string) => SynthesizedRelease;
  /** Names of the releases, in the order of the program. */
  readonly names: readonly string[];
}

/** What a test may change around a platform. */
export interface PlatformSetting {
  readonly cluster?: object;
  readonly fleet?: Partial<FleetDeclaration>;
  readonly state?: object;
}

/** Synthesizes a cluster with the given platform. */
export function platformOf(
  platform: object = {},
  { cluster = {}, fleet: overrides = {}, state = RUNNING }: PlatformSetting = {},
): SynthesizedPlatform {
  const declared = aCluster({ ...cluster, platform });
  const fleet = synthesized(resolved(aFleet({ ...overrides, clusters: { dev: declared } }), state));
  const { resources } = fleet.stack("dev-blue-platform");
  const nameOf = new Map(
    resources.map(({ address, type, arguments: args }) => [
      address,
      type === "kubernetes_namespace_v1" ? `namespace ${(args["metadata"] as { name: string }).name}` : String(args["name"]),
    ]),
  );
  const releases = resources.filter(({ type }) => type === "helm_release");
  const names = releases.map(({ arguments: args }) => String(args["name"]));
  return {
    fleet,
    names,
    release: (name) => {
      const found = releases.find(({ arguments: args }) => args["name"] === name);
      if (!found) throw new Error(`No release ${name}; there are ${names.join(", ")}`);
      const [text = "{}"] = (found.arguments["values"] ?? []) as readonly string[];
      return {
        arguments: found.arguments,
        values: JSON.parse(text.replaceAll("$${", "${").replaceAll("%%{", "%{")) as SynthesizedRelease["values"],
        after: ((found.arguments["depends_on"] ?? []) as readonly string[]).map((address) => nameOf.get(address) ?? address),
      };
    },
  };
}

/** A statement of a controller's AWS policy. */
export interface Right {
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
}

/** What a controller's AWS role allows. */
export function rightsOf({ fleet }: SynthesizedPlatform, controller: string): readonly Right[] {
  const policy = fleet.resources("dev-blue-cluster", "aws_iam_role_policy")[`identities/${controller}/policy`];
  if (!policy) throw new Error(`${controller} has no policy.`);
  return (JSON.parse(String(policy["policy"])) as { readonly Statement: readonly Right[] }).Statement;
}

/** The service account that a controller's AWS role is for, as `namespace/name`. */
export function identityOf({ fleet }: SynthesizedPlatform, controller: string): string {
  const association = fleet.resources("dev-blue-cluster", "aws_eks_pod_identity_association")[`identities/${controller}-association`];
  return `${String(association?.["namespace"])}/${String(association?.["service_account"])}`;
}
