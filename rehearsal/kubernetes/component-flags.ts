import { join } from "node:path";
import { stringify } from "yaml";
import type { GoTool } from "../../charts/go-tool";

/** What plays the nodes and the kubelets. */
export const KWOK: GoTool = { module: "sigs.k8s.io/kwok/cmd/kwok", version: "v0.7.0", binary: "kwok" };

/** Requests a second that a component may make: rehearsals wait for controllers, nothing else uses the API. */
const QPS = ["--kube-api-qps=500", "--kube-api-burst=1000"];

/** Who did what, without contents: secrets stay out of the log. */
export const AUDIT_POLICY = stringify({
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    { level: "None", users: ["system:apiserver", "system:kube-controller-manager", "system:kube-scheduler", "system:node:kwok"] },
    { level: "None", userGroups: ["system:serviceaccounts:kube-system"], verbs: ["get", "list", "watch"] },
    { level: "Metadata" },
  ],
});

export function apiServerFlags(folder: string, port: number, auditLog: string, authenticated: boolean): readonly string[] {
  const file = (name: string): string => join(folder, name);
  return [
    `--etcd-servers=unix://${file("etcd.sock")}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
    // Nothing ever connects to it: pods do not run. It must not be a loopback address.
    "--advertise-address=192.0.2.1",
    "--endpoint-reconciler-type=none",
    `--tls-cert-file=${file("server.crt")}`,
    `--tls-private-key-file=${file("server.key")}`,
    `--client-ca-file=${file("ca.crt")}`,
    "--authorization-mode=RBAC",
    "--anonymous-auth=false",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${file("service-accounts.key")}`,
    `--service-account-signing-key-file=${file("service-accounts.key")}`,
    "--service-cluster-ip-range=172.20.0.0/16",
    "--allow-privileged=true",
    // Webhooks would be called at pods that do not run.
    "--disable-admission-plugins=MutatingAdmissionWebhook,ValidatingAdmissionWebhook",
    `--audit-policy-file=${file("audit-policy.yaml")}`,
    `--audit-log-path=${auditLog}`,
    "--profiling=false",
    ...(authenticated
      ? [
          `--authentication-token-webhook-config-file=${file("authenticator.kubeconfig")}`,
          "--authentication-token-webhook-version=v1",
          // A right that is taken away is gone with the next request.
          "--authentication-token-webhook-cache-ttl=0s",
        ]
      : []),
  ];
}

export function controllerManagerFlags(folder: string): readonly string[] {
  return [
    `--kubeconfig=${join(folder, "controller-manager.kubeconfig")}`,
    `--root-ca-file=${join(folder, "ca.crt")}`,
    `--service-account-private-key-file=${join(folder, "service-accounts.key")}`,
    // As on EKS: each controller is a service account of kube-system, which admission policies can tell.
    "--use-service-account-credentials=true",
    // Nodes never report themselves, and must not be taken for lost.
    "--node-monitor-grace-period=24h",
    "--leader-elect=false",
    "--secure-port=0",
    "--profiling=false",
    ...QPS,
  ];
}

export function schedulerFlags(folder: string): readonly string[] {
  return [`--kubeconfig=${join(folder, "scheduler.kubeconfig")}`, "--leader-elect=false", "--secure-port=0", "--profiling=false", ...QPS];
}

export function kwokFlags(folder: string): readonly string[] {
  return [
    `--kubeconfig=${join(folder, "kwok.kubeconfig")}`,
    `--config=${join(folder, "stages.yaml")}`,
    "--manage-all-nodes=true",
    // The controllers do without; see their flags.
    "--node-lease-duration-seconds=0",
    "--cidr=10.0.0.1/16",
    "--node-ip=10.255.0.1",
  ];
}
