import type { ValuesOf } from "../../../config/key-tree";
import type chart from "../../../facts/charts/kube-prometheus-stack.json";
import type { PlatformContext } from "../platform-context";
import { ON_SYSTEM_NODES, PRIORITY, resources } from "../scheduling";

/** Where Loki answers; see the release `loki`. */
const LOKI_URL = "http://loki.logging.svc:3100";

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
    // Reloading over the API would need an administrator; a new data source restarts the pod instead.
    sidecar: {
      resources: resources("10m", "64Mi", "128Mi"),
      datasources: { initDatasources: true, skipReload: true },
      dashboards: { skipReload: true },
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
