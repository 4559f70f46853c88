import facts from "../../../facts/chart-workloads.json";

/** One workload of a chart, and where its values come from; see facts/schema/chart-workloads.schema.json. */
export interface WorkloadFacts {
  readonly kind: string;
  readonly name: string;
  readonly container: string;
  readonly image: string;
  readonly ports: readonly number[];
  readonly scheduling?: string;
  readonly replicas?: string;
  readonly resources: string;
  readonly storage?: string;
  readonly podSecurityContext?: string;
  readonly securityContext?: string;
  readonly serviceAccount?: string;
  readonly restricted?: boolean;
  readonly hostNetwork?: boolean;
  readonly service?: readonly { readonly name: string; readonly port: number; readonly targetPort: number }[];
}

/** What a chart runs. */
export interface ChartFacts {
  readonly monitor?: string;
  readonly workloads: readonly WorkloadFacts[];
}

const CHARTS = facts.charts as Readonly<Record<string, ChartFacts | undefined>>;

/** What a chart runs; undefined for one without facts. */
export function chartFacts(chart: string): ChartFacts | undefined {
  return CHARTS[chart];
}

const RESTRICTED_POD = { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } };
const RESTRICTED_CONTAINER = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };

/** First line of every template: values as a plain dictionary, which `dig` wants. */
const VALUES = "{{- $values := .Values | toYaml | fromYaml }}\n";

/** A value by its path, as an expression of a template. */
function at(path: string | undefined, fallback: string): string {
  const steps = (path ?? "").split(".").filter((step) => step !== "");
  return steps.length === 0 ? fallback : `dig ${steps.map((step) => JSON.stringify(step)).join(" ")} (${fallback}) $values`;
}

const json = (path: string | undefined, fallback = "dict"): string => `{{ toJson (${at(path, fallback)}) }}`;

/** Templates of a workload, its service account and its Service. */
export function workloadTemplate(workload: WorkloadFacts): string {
  const under = (field: string): string => [workload.scheduling, field].filter((part) => part !== undefined).join(".");
  const name = workload.name.replace("{release}", "{{ .Release.Name }}");
  const account = workload.serviceAccount === undefined ? name : `{{ ${at(workload.serviceAccount, JSON.stringify(name))} }}`;
  const labels = `{app.kubernetes.io/name: ${workload.container}, app.kubernetes.io/instance: {{ .Release.Name }}, app.kubernetes.io/component: ${name}}`;
  const kind = workload.kind.startsWith("{")
    ? `{{ if eq (${at(workload.kind.slice(1, -1), '"daemonset"')}) "daemonset" }}DaemonSet{{ else }}Deployment{{ end }}`
    : workload.kind;
  const pod = workload.restricted === true ? JSON.stringify(RESTRICTED_POD) : json(workload.podSecurityContext);
  const container = workload.restricted === true ? JSON.stringify(RESTRICTED_CONTAINER) : json(workload.securityContext);
  const ports = workload.service ?? workload.ports.map((port) => ({ name: `port-${port}`, port, targetPort: port }));
  return [
    `${VALUES}apiVersion: v1
kind: ServiceAccount
metadata: {name: ${account}, namespace: {{ .Release.Namespace }}}
`,
    ...(ports.length === 0
      ? []
      : [
          `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: {{ .Release.Namespace }}, labels: ${labels}}
spec: {selector: ${labels}, ports: ${JSON.stringify(ports)}}
`,
        ]),
    `apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${name}, namespace: {{ .Release.Namespace }}, labels: ${labels}}
spec:
${workload.replicas === undefined ? "" : `  replicas: {{ ${at(workload.replicas, "1")} }}\n`}${workload.kind === "StatefulSet" ? `  serviceName: ${name}\n` : ""}  selector: {matchLabels: ${labels}}
  template:
    metadata: {labels: ${labels}}
    spec:
      serviceAccountName: ${account}
      nodeSelector: ${json(under("nodeSelector"))}
      tolerations: ${json(under("tolerations"), "list")}
      topologySpreadConstraints: ${json(under("topologySpreadConstraints"), "list")}
      {{- with ${at(under("priorityClassName"), '""')} }}
      priorityClassName: {{ . }}
      {{- end }}
      securityContext: ${pod}
${workload.hostNetwork === true ? "      hostNetwork: true\n      hostPID: true\n" : ""}      containers:
        - name: ${workload.container}
          image: ${workload.image}
          ports: ${JSON.stringify(workload.ports.map((containerPort) => ({ containerPort })))}
          resources: ${json(workload.resources)}
          securityContext: ${container}
${workload.storage === undefined ? "" : claimTemplate(workload.storage)}`,
  ].join("---\n");
}

/** Its claims go with it where the values say so. */
function claimTemplate(storage: string): string {
  return `  persistentVolumeClaimRetentionPolicy:
    whenDeleted: {{ if ${at(`${storage}.enableStatefulSetAutoDeletePVC`, "false")} }}Delete{{ else }}Retain{{ end }}
  volumeClaimTemplates:
    - metadata: {name: storage}
      spec:
        accessModes: [ReadWriteOnce]
        storageClassName: {{ ${at(`${storage}.storageClass`, '""')} }}
        resources: {requests: {storage: {{ ${at(`${storage}.size`, '"10Gi"')} }}}}
`;
}

/** Template of the monitor that a value switches on; Prometheus' definitions must be there. */
export function monitorTemplate(chart: string, path: string): string {
  return `${VALUES}{{- if ${at(path, "false")} }}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}
spec: {selector: {matchLabels: {app.kubernetes.io/instance: {{ .Release.Name }}}}, endpoints: [{port: ${chart}}]}
{{- end }}
`;
}
