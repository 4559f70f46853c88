{{/* Hands: everyone but Kubernetes' own controllers, EKS, the platform's service accounts and whoever deploys. */}}
{{- define "admission-policy.hands" -}}
- name: not-the-control-plane
  expression: >-
    !(request.userInfo.username in ["system:apiserver", "system:kube-controller-manager", "system:kube-scheduler",
    "system:cloud-controller-manager"])
- name: not-a-node
  expression: '!("system:nodes" in request.userInfo.groups)'
- name: not-eks
  expression: '!request.userInfo.username.startsWith("eks:")'
- name: not-a-controller
  expression: '!("system:serviceaccounts:kube-system" in request.userInfo.groups)'
- name: not-the-platform
  expression: >-
    !request.userInfo.groups.exists(group, group in [{{ range $index, $name := .Values.namespaces }}{{ if $index }}, {{ end }}"system:serviceaccounts:{{ $name }}"{{ end }}])
- name: not-a-deploy
  expression: '!({{ .Values.groups.deploy | quote }} in request.userInfo.groups)'
{{- end }}

{{/* Break-glass passes; every other hand does not. */}}
{{- define "admission-policy.decision" -}}
validations:
  - expression: '{{ .Values.groups.breakGlass | quote }} in request.userInfo.groups'
    messageExpression: >-
      request.operation.lowerAscii() + " of " + request.resource.resource + " " + request.name +
      " refused: the platform made it, and the next deploy would undo this. Change the fleet instead, or use the break-glass role"
    reason: Forbidden
auditAnnotations:
  - key: break-glass
    valueExpression: >-
      {{ .Values.groups.breakGlass | quote }} in request.userInfo.groups
      ? request.userInfo.username + " did " + request.operation + " on " + request.resource.resource + " " + request.namespace + "/" + request.name
      : ''
{{- end }}

{{- define "admission-policy.binding" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ .name }}
spec:
  policyName: {{ .name }}
  validationActions: {{ toJson .actions }}
{{- end }}
