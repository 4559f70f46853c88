import type { NamespaceDescription } from "../../config/release";

/** Made by Kubernetes itself; what runs there is guarded object by object. */
export const KUBE_SYSTEM: NamespaceDescription = { name: "kube-system" };

/** Metrics, alerts and dashboards. The node exporter looks at the host, so it is privileged. */
export const MONITORING: NamespaceDescription = { name: "monitoring", podSecurity: "privileged" };

/** Logs. The collector reads the host's log files, so it is privileged. */
export const LOGGING: NamespaceDescription = { name: "logging", podSecurity: "privileged" };

/** Small things of the platform's own: guards and classes. */
export const PLATFORM: NamespaceDescription = { name: "platform", podSecurity: "restricted" };

/** Backups. */
export const VELERO: NamespaceDescription = { name: "velero", podSecurity: "restricted" };

/** The ingress controller. Its pods become ready only once the load balancer sends them requests. */
export const TRAEFIK: NamespaceDescription = {
  name: "traefik",
  podSecurity: "restricted",
  labels: { "elbv2.k8s.aws/pod-readiness-gate-inject": "enabled" },
};
