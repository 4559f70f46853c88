/**
 * Custom resources that some charts make from values that the platform sets, as templates: the parts that decide about
 * scheduling, volumes and backups.
 */
export const CUSTOM_RESOURCES: Readonly<Record<string, string>> = {
  "kube-prometheus-stack": `{{- $values := .Values | toYaml | fromYaml }}
{{- $prometheus := dig "prometheus" "prometheusSpec" (dict) $values }}
{{- $alertmanager := dig "alertmanager" "alertmanagerSpec" (dict) $values }}
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: kube-prometheus-stack-prometheus, namespace: {{ .Release.Namespace }}}
spec: {{ toJson (merge (dict "storage" (dig "storageSpec" (dict) $prometheus) "image" "quay.io/prometheus/prometheus:v3.14.0-distroless") (omit $prometheus "storageSpec")) }}
---
apiVersion: monitoring.coreos.com/v1
kind: Alertmanager
metadata: {name: kube-prometheus-stack-alertmanager, namespace: {{ .Release.Namespace }}}
spec: {{ toJson (merge (dict "image" "quay.io/prometheus/alertmanager:v0.34.0") $alertmanager) }}
`,
  velero: `{{- $values := .Values | toYaml | fromYaml }}
{{- range dig "configuration" "backupStorageLocation" (list) $values }}
---
apiVersion: velero.io/v1
kind: BackupStorageLocation
metadata: {name: {{ .name }}, namespace: {{ $.Release.Namespace }}}
spec: {provider: {{ .provider }}, default: {{ .default }}, accessMode: {{ .accessMode }}, objectStorage: {bucket: {{ .bucket }}, prefix: {{ .prefix }}}, config: {{ toJson .config }}}
{{- end }}
{{- range $name, $schedule := dig "schedules" (dict) $values }}
---
apiVersion: velero.io/v1
kind: Schedule
metadata: {name: velero-{{ $name }}, namespace: {{ $.Release.Namespace }}}
spec: {{ toJson $schedule }}
{{- end }}
`,
};
