import { stringify } from "yaml";

interface Selection {
  readonly key: string;
  readonly operator: "Exists" | "DoesNotExist" | "In" | "NotIn";
  readonly values?: readonly string[];
}

const DELETED = ".metadata.deletionTimestamp";

/**
 * What kwok does in the place of kubelets: pods that are bound become ready at once, and go when they are deleted.
 * Pods of Jobs stay running; whether their work succeeded is not kwok's to say.
 */
export const KWOK_STAGES = [
  stage(
    "pod-becomes-ready",
    "Pod",
    [
      { key: DELETED, operator: "DoesNotExist" },
      { key: ".status.podIP", operator: "DoesNotExist" },
    ],
    {
      statusTemplate: [
        "phase: Running",
        'podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}',
        "startTime: {{ Now | Quote }}",
        "conditions:",
        '{{ range list "PodScheduled" "Initialized" "ContainersReady" "Ready" }}',
        '- {type: {{ . }}, status: "True", lastTransitionTime: {{ Now | Quote }}}',
        "{{ end }}",
        "containerStatuses:",
        "{{ range .spec.containers }}",
        '- {name: {{ .name | Quote }}, image: {{ .image | Quote }}, imageID: "", ready: true, started: true, restartCount: 0, state: {running: {startedAt: {{ Now | Quote }}}}}',
        "{{ end }}",
      ].join("\n"),
    },
  ),
  stage("pod-goes", "Pod", [{ key: DELETED, operator: "Exists" }], { finalizers: { empty: true }, delete: true }),
  stage(
    "node-stays",
    "Node",
    [{ key: DELETED, operator: "DoesNotExist" }],
    // Leases keep nodes alive; the stage is here because kwok takes its own where there is none.
    { statusTemplate: "phase: Running" },
    600_000,
  ),
].join("---\n");

function stage(name: string, kind: "Pod" | "Node", matchExpressions: readonly Selection[], next: object, delayMs?: number): string {
  return stringify({
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: "v1", kind },
      selector: { matchExpressions },
      ...(delayMs === undefined ? {} : { delay: { durationMilliseconds: delayMs } }),
      next,
    },
  });
}
