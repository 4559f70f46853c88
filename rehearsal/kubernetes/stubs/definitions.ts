import { stringify } from "yaml";
import facts from "../../../facts/chart-workloads.json";

interface DefinitionFacts {
  readonly kind: string;
  readonly version: string;
  readonly cluster?: boolean;
}

const KNOWN = facts.definitions as Readonly<Record<string, DefinitionFacts | undefined>>;

/**
 * A custom resource definition of a name: it accepts every object of its kind. Its schema is not known here, so a stub
 * proves that an object's kind exists, not that its fields do.
 */
export function definition(name: string): string {
  const [plural = "", ...group] = name.split(".");
  const known = KNOWN[name] ?? { kind: plural.replace(/s$/, "").replace(/^./, (first) => first.toUpperCase()), version: "v1" };
  return stringify({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name, annotations: { "helm.sh/resource-policy": "keep" } },
    spec: {
      group: group.join("."),
      names: { kind: known.kind, listKind: `${known.kind}List`, plural, singular: known.kind.toLowerCase() },
      scope: known.cluster === true ? "Cluster" : "Namespaced",
      versions: [
        {
          name: known.version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
        },
      ],
    },
  });
}
