import type { Construct } from "constructs";
import { z } from "zod";
import type { ValuesOf } from "../../config/key-tree";
import type { ReleaseDescription } from "../../config/release";
import chart from "../../facts/charts/alloy.json";
import { alloyValues, writeToLoki } from "./logging/alloy";
import { LOGGING } from "./namespaces";
import { PinnedRelease } from "./pinned-release";
import type { PlatformContext } from "./platform-context";
import { ON_SYSTEM_NODES, PRIORITY, resources, RESTRICTED_CONTAINER, RESTRICTED_POD } from "./scheduling";

/** Sends each Kubernetes event once: on every node, every pod would send every event. */
const CONFIG = `loki.source.kubernetes_events "events" {
  job_name   = "kubernetes-events"
  log_format = "json"
  forward_to = [loki.write.loki.receiver]
}
`;

/** Where it notes what it has sent. Only as long-lived as the pod: a new one starts with the events that the API still has. */
const STORAGE = "/var/lib/alloy";

/** User that the image is made for. */
const ALLOY_USER = 473;

/** Keeps Kubernetes' events, which the API forgets after an hour, beside the logs. */
export class AlloyEvents extends PinnedRelease<ValuesOf<typeof chart.keys>> {
  static readonly description: ReleaseDescription = {
    name: "alloy-events",
    chart: { locked: "alloy" },
    namespace: LOGGING,
    requires: ["platform-classes", "kube-prometheus-stack", "loki"],
    options: z.strictObject({}),
    without: "Why a pod was evicted or did not start is forgotten after an hour.",
    look: ["kubectl -n logging logs deploy/alloy-events -c alloy"],
  };

  constructor(scope: Construct, platform: PlatformContext) {
    super(scope, platform, {
      description: AlloyEvents.description,
      keys: chart.keys,
      values: alloyValues({
        config: `${CONFIG}\n${writeToLoki(platform.name)}`,
        rules: [{ apiGroups: [""], resources: ["events"], verbs: ["get", "list", "watch"] }],
        alloy: {
          resources: resources("20m", "96Mi", "192Mi"),
          storagePath: STORAGE,
          mounts: { extra: [{ name: "storage", mountPath: STORAGE }] },
          securityContext: { ...RESTRICTED_CONTAINER, runAsUser: ALLOY_USER, runAsGroup: ALLOY_USER },
        },
        controller: {
          type: "deployment",
          replicas: 1,
          // Two at once would send every event twice.
          updateStrategy: { type: "Recreate" },
          volumes: { extra: [{ name: "storage", emptyDir: {} }] },
          ...ON_SYSTEM_NODES,
          priorityClassName: PRIORITY.standard,
        },
        global: { podSecurityContext: { ...RESTRICTED_POD, fsGroup: ALLOY_USER } },
      }),
    });
  }
}

declare module "../../config/platform-declaration" {
  interface ReleaseOptions {
    readonly "alloy-events"?: boolean;
  }
}
