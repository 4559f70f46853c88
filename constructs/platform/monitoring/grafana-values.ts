import type { ValuesOf } from "../../../config/key-tree";
import type chart from "../../../facts/charts/kube-prometheus-stack.json";
import { LOKI_URL } from "../logging/loki-url";
import { MONITORING } from "../namespaces";
import type { PlatformContext } from "../platform-context";
import { ON_SYSTEM_NODES, PRIORITY, resources } from "../scheduling";

/**
 * Grafana without a password: whoever may port-forward into the namespace may look, nobody may change, and what it shows
 * comes from files. Container logs, events and the control plane's logs stand beside each other in one dashboard.
 */
export function grafanaValues({ cluster, releaseNames }: PlatformContext): ValuesOf<typeof chart.keys.grafana> {
  return {
    ...ON_SYSTEM_NODES,
    priorityClassName: PRIORITY.standard,
    resources: resources("50m", "192Mi", "384Mi"),
    testFramework: { enabled: false },
    defaultDashboardsTimezone: "browser",
    // No administrator means no password in a Secret, in state or in anybody's notes.
    env: { GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: "true" },
    "grafana.ini": {
      analytics: { check_for_updates: false, check_for_plugin_updates: false, reporting_enabled: false },
      auth: { disable_login_form: true },
      "auth.anonymous": { enabled: true, org_role: "Viewer" },
      "auth.basic": { enabled: false },
      aws: { allowed_auth_providers: "default", assume_role_enabled: false },
    },
    // The chart's own role reads every Secret of the cluster; see `grafanaRole`.
    rbac: { create: false },
    // Reloading over the API would need an administrator: data sources are read once, before Grafana starts.
    sidecar: {
      resources: resources("10m", "64Mi", "128Mi"),
      datasources: { initDatasources: true, watchMethod: "LIST", skipReload: true, resource: "configmap" },
      dashboards: { skipReload: true, resource: "configmap", searchNamespace: MONITORING.name },
    },
    additionalDataSources: [
      ...(releaseNames.includes("loki") ? [{ name: "Loki", uid: "loki", type: "loki", access: "proxy", url: LOKI_URL }] : []),
      {
        name: "CloudWatch",
        uid: "cloudwatch",
        type: "cloudwatch",
        access: "proxy",
        jsonData: { authType: "default", defaultRegion: cluster.region },
      },
    ],
  };
}

/** Lets Grafana's sidecars read dashboards and data sources, which are ConfigMaps of its own namespace, and nothing else. */
export function grafanaRole(serviceAccount: string): readonly object[] {
  const [apiGroup, metadata] = ["rbac.authorization.k8s.io", { name: `${serviceAccount}-sidecar`, namespace: MONITORING.name }];
  return [
    {
      apiVersion: `${apiGroup}/v1`,
      kind: "Role",
      metadata,
      rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list", "watch"] }],
    },
    {
      apiVersion: `${apiGroup}/v1`,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup, kind: "Role", name: metadata.name },
      subjects: [{ kind: "ServiceAccount", name: serviceAccount, namespace: MONITORING.name }],
    },
  ];
}
