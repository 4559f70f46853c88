import type { ValuesOf } from "../../../config/key-tree";
import type chart from "../../../facts/charts/alloy.json";
import { resources } from "../scheduling";
import { LOKI_URL } from "./loki-url";

type AlloyValues = ValuesOf<typeof chart.keys>;

/** What the two collectors differ in. */
export interface AlloyParts {
  /** Configuration in Alloy's own language. */
  readonly config: string;
  /** What the collector may read. The chart's own rules would let it read every Secret of the cluster. */
  readonly rules: readonly object[];
  readonly alloy: NonNullable<AlloyValues["alloy"]>;
  readonly controller: NonNullable<AlloyValues["controller"]>;
  readonly global?: AlloyValues["global"];
}

/** Values of a collector. */
export function alloyValues({ config, rules, alloy, controller, global }: AlloyParts): AlloyValues {
  return {
    ...(global ? { global } : {}),
    crds: { create: false },
    alloy: { ...alloy, configMap: { content: config }, enableReporting: false },
    configReloader: { resources: resources("10m", "32Mi", "64Mi") },
    controller,
    // The chart writes broken YAML when either list is empty.
    rbac: { rules: [...rules], clusterRules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] }] },
    serviceMonitor: { enabled: true },
  };
}

/** Sends to Loki, marked with the cluster that it comes from. */
export function writeToLoki(cluster: string): string {
  return `loki.write "loki" {
  endpoint {
    url = "${LOKI_URL}/loki/api/v1/push"
  }
  external_labels = { cluster = "${cluster}" }
}
`;
}
