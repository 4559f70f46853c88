import type { Construct } from "constructs";
import { z } from "zod";
import type { ValuesOf } from "../../config/key-tree";
import type { ReleaseDescription } from "../../config/release";
import chart from "../../facts/charts/alloy.json";
import { alloyValues, writeToLoki } from "./logging/alloy";
import { LOGGING } from "./namespaces";
import { PinnedRelease } from "./pinned-release";
import type { PlatformContext } from "./platform-context";
import { ON_EVERY_NODE, resources } from "./scheduling";

/** Where each node keeps how far its files were read, so that a new pod goes on where the old one ended. */
const POSITIONS = "/var/lib/alloy";

/** Reads the container logs of its own node and sends them to Loki with namespace, pod, container and app. */
const CONFIG = `discovery.kubernetes "pods" {
  role = "pod"
  selectors {
    role  = "pod"
    field = "spec.nodeName=" + sys.env("HOSTNAME")
  }
}

discovery.relabel "pods" {
  targets = discovery.kubernetes.pods.targets

  rule {
    source_labels = ["__meta_kubernetes_namespace"]
    target_label  = "namespace"
  }
  rule {
    source_labels = ["__meta_kubernetes_pod_name"]
    target_label  = "pod"
  }
  rule {
    source_labels = ["__meta_kubernetes_pod_container_name"]
    target_label  = "container"
  }
  rule {
    source_labels = ["__meta_kubernetes_pod_label_app_kubernetes_io_name", "__meta_kubernetes_pod_label_app"]
    separator     = ";"
    regex         = "^;*([^;]+)(;.*)?$"
    replacement   = "$1"
    target_label  = "app"
  }
  rule {
    source_labels = ["__meta_kubernetes_pod_uid", "__meta_kubernetes_pod_container_name"]
    separator     = "/"
    replacement   = "/var/log/pods/*$1/*.log"
    target_label  = "__path__"
  }
}

loki.source.file "pods" {
  targets    = discovery.relabel.pods.output
  forward_to = [loki.process.pods.receiver]
  file_match {
    enabled = true
  }
}

loki.process "pods" {
  forward_to = [loki.write.loki.receiver]
  stage.cri { }
  stage.label_drop {
    values = ["filename"]
  }
}
`;

/**
 * On every node, collects what its containers write.
 *
 * @see https://grafana.com/docs/alloy/latest/
 */
export class AlloyLogs extends PinnedRelease<ValuesOf<typeof chart.keys>> {
  static readonly description: ReleaseDescription = {
    name: "alloy-logs",
    chart: { locked: "alloy" },
    namespace: LOGGING,
    requires: ["platform-classes", "kube-prometheus-stack", "loki"],
    options: z.strictObject({}),
    without: "Loki receives no container logs.",
    look: ["kubectl -n logging get daemonset alloy-logs", "kubectl -n logging logs daemonset/alloy-logs -c alloy"],
  };

  constructor(scope: Construct, platform: PlatformContext) {
    super(scope, platform, {
      description: AlloyLogs.description,
      keys: chart.keys,
      values: alloyValues({
        config: `${CONFIG}\n${writeToLoki(platform.name)}`,
        rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }],
        alloy: {
          mounts: { varlog: true, extra: [{ name: "positions", mountPath: POSITIONS }] },
          storagePath: POSITIONS,
          resources: resources("50m", "128Mi", "384Mi"),
        },
        controller: {
          type: "daemonset",
          tolerations: ON_EVERY_NODE,
          priorityClassName: "system-node-critical",
          volumes: { extra: [{ name: "positions", hostPath: { path: POSITIONS, type: "DirectoryOrCreate" } }] },
        },
      }),
    });
  }
}

declare module "../../config/platform-declaration" {
  interface ReleaseOptions {
    readonly "alloy-logs"?: boolean;
  }
}
