import { describeObject, type KubeObject } from "../kube-objects";
import { problem } from "./health";
import type { Finding, Living } from "./living";

/** Custom resources of a release are there: their kinds exist, and the API took them. */
export async function customResourcesAccepted({ client, objects }: Living): Promise<readonly Finding[]> {
  const custom = [...objects].flatMap(([release, all]) =>
    all.filter(({ apiVersion }) => isCustom(apiVersion)).map((object) => ({ release, object })),
  );
  const found = await Promise.all(
    custom.map(async ({ release, object }) => ({
      release,
      object,
      present: await client.find(object.apiVersion, object.kind, object.metadata.name, object.metadata.namespace),
    })),
  );
  return found
    .filter(({ present }) => !present)
    .map(({ release, object }) =>
      problem(release, "custom resources", `${describeObject(object)} (${object.apiVersion}) is in the release and not in the API`),
    );
}

function isCustom(apiVersion: string): boolean {
  const [group = "", version] = apiVersion.split("/");
  return version !== undefined && group.includes(".") && !group.endsWith(".k8s.io");
}

/** No API version of a release is deprecated, in the API's own words; one that the next minor lacks is a problem. */
export async function noDeprecatedVersions({ client, minor, objects }: Living): Promise<readonly Finding[]> {
  const next = Number(minor.split(".")[1]) + 1;
  const used = [...objects].flatMap(([release, all]) => all.map(({ apiVersion, kind }) => ({ release, apiVersion, kind })));
  // Releases share most kinds; each is asked for once.
  const kinds = new Map(used.map(({ apiVersion, kind }) => [`${apiVersion} ${kind}`, { apiVersion, kind }]));
  const warnings = new Map(
    await Promise.all([...kinds].map(async ([key, { apiVersion, kind }]) => [key, await client.warnings(apiVersion, kind)] as const)),
  );
  const findings = used.flatMap(({ release, apiVersion, kind }) =>
    (warnings.get(`${apiVersion} ${kind}`) ?? []).map((message): [string, Finding] => {
      const gone = Number(/unavailable in v1\.(\d+)/.exec(message)?.[1] ?? Infinity);
      return [`${release} ${message}`, { release, check: "deprecated API", severity: gone <= next ? "problem" : "note", message }];
    }),
  );
  return [...new Map(findings).values()];
}

/** No object is in two releases: the one removed first would take it from the other. */
export function oneOwnerEach({ objects }: Living): readonly Finding[] {
  const owners = new Map<string, string>();
  return [...objects].flatMap(([release, all]) =>
    all.flatMap((object) => {
      const key = `${object.apiVersion.split("/")[0] ?? ""} ${describeObject(object)}`;
      const other = owners.get(key);
      owners.set(key, release);
      return other === undefined || other === release
        ? []
        : [problem(release, "one owner", `${describeObject(object)} is also in the release ${other}`)];
    }),
  );
}

interface Webhook {
  readonly name: string;
  readonly failurePolicy?: string;
  readonly rules?: readonly { readonly apiGroups?: readonly string[]; readonly resources?: readonly string[] }[];
  readonly namespaceSelector?: object;
  readonly objectSelector?: object;
}

/** No webhook that fails closed stands before objects of others: while its pods are down, nobody could change them. */
export async function webhooksBlockNobody({ client, releaseOf }: Living): Promise<readonly Finding[]> {
  const kinds = ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"];
  const all = (await Promise.all(kinds.map((kind) => client.list("admissionregistration.k8s.io/v1", kind)))).flat();
  return all.flatMap((configuration: KubeObject) =>
    ((configuration["webhooks"] ?? []) as readonly Webhook[]).flatMap(
      ({ name, failurePolicy, rules = [], namespaceSelector = {}, objectSelector = {} }) => {
        const foreign = rules.filter(({ apiGroups = [] }) =>
          apiGroups.some((group) => group === "*" || group === "" || group === "apps" || group.endsWith(".k8s.io")),
        );
        const everywhere = Object.keys(namespaceSelector).length === 0 && Object.keys(objectSelector).length === 0;
        if (failurePolicy === "Ignore" || foreign.length === 0 || !everywhere) return [];
        const resources = foreign.flatMap((rule) => rule.resources ?? []).join(", ");
        return [
          problem(releaseOf(configuration), "webhooks", `${name} fails closed: while its pods are down, nobody can change ${resources}`),
        ];
      },
    ),
  );
}
