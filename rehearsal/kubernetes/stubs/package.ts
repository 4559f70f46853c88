import { stringify } from "yaml";
import { writeArchive, type ArchiveFile } from "../../../charts/archive";
import type { LockedChart } from "../../../config/chart-lock";
import { RUN_ANNOTATION } from "../actors/hook-jobs";
import { CUSTOM_RESOURCES } from "./custom-resources";
import { definition } from "./definitions";
import { chartFacts, monitorTemplate, workloadTemplate } from "./workloads";

/**
 * A package that stands in for a chart that is not here: the same name, version and definitions, and workloads with the
 * names, ports, tolerations, selectors and requests that the values give. So order, scheduling and custom resources
 * are proven without the real one; its templates are not.
 *
 * @throws {Error} for a chart without facts about what it runs
 */
export async function stubPackage(chart: LockedChart): Promise<Buffer> {
  const facts = chartFacts(chart.name);
  if (!facts)
    throw new Error(`Nothing is known of what ${chart.name} runs; run npx drydock charts pull, or add it to facts/chart-workloads.json.`);
  const { way, names } = chart.crds;
  const definitions = names.map((name) => ({ name, content: definition(name) }));
  const custom = CUSTOM_RESOURCES[chart.name];
  return pack(chart, chart.name, [
    ...(way === "own-hook" ? definitions.map(({ name, content }) => ({ name: `crds/${name}.yaml`, content })) : []),
    ...(way === "own-hook"
      ? [
          {
            name: "templates/upgrade-crds.yaml",
            content: upgradeHook(
              chart,
              definitions.map(({ content }) => content),
            ),
          },
        ]
      : []),
    ...(way === "own-templates" ? definitions.map(({ name, content }) => ({ name: `templates/${name}.yaml`, content })) : []),
    ...facts.workloads.map((workload, index) => ({ name: `templates/workload-${index}.yaml`, content: workloadTemplate(workload) })),
    ...(facts.monitor === undefined ? [] : [{ name: "templates/monitor.yaml", content: monitorTemplate("metrics", facts.monitor) }]),
    ...(custom === undefined ? [] : [{ name: "templates/custom-resources.yaml", content: custom }]),
  ]);
}

/** The package of definitions that is derived from a chart which leaves them to others. */
export async function stubCrdsPackage(chart: LockedChart): Promise<Buffer> {
  return pack(
    chart,
    `${chart.name}-crds`,
    chart.crds.names.map((name) => ({ name: `templates/${name}.yaml`, content: definition(name) })),
  );
}

function pack({ version, appVersion, kubeVersion }: LockedChart, name: string, files: readonly ArchiveFile[]): Promise<Buffer> {
  const manifest = stringify({ apiVersion: "v2", name, version, appVersion, kubeVersion, description: "Stub made from the lock" });
  return writeArchive([{ name: "Chart.yaml", content: manifest }, ...files].map((file) => ({ ...file, name: `${name}/${file.name}` })));
}

/** A hook that upgrades the definitions, as the chart's own does: a process with the rights of the hook's account. */
function upgradeHook(chart: LockedChart, definitions: readonly string[]): string {
  const name = `${chart.name}-upgrade-crds`;
  const annotations =
    "{helm.sh/hook: 'pre-install,pre-upgrade,pre-rollback', helm.sh/hook-delete-policy: 'before-hook-creation,hook-succeeded', helm.sh/hook-weight: '-5'}";
  const meta = `{name: ${name}, namespace: {{ .Release.Namespace }}, annotations: ${annotations}}`;
  const clusterMeta = `{name: ${name}, annotations: ${annotations}}`;
  const objects = definitions.join("---\n");
  const security = "{runAsNonRoot: true, runAsUser: 65534, seccompProfile: {type: RuntimeDefault}}";
  return `apiVersion: v1
kind: ServiceAccount
metadata: ${meta}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: ${clusterMeta}
rules: [{apiGroups: [apiextensions.k8s.io], resources: [customresourcedefinitions], verbs: [get, list, create, update, patch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: ${clusterMeta}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${name}}
subjects: [{kind: ServiceAccount, name: ${name}, namespace: {{ .Release.Namespace }}}]
---
apiVersion: batch/v1
kind: Job
metadata: ${meta}
spec:
  backoffLimit: 1
  template:
    metadata: {annotations: {${RUN_ANNOTATION}: "true"}}
    spec:
      restartPolicy: Never
      serviceAccountName: ${name}
      tolerations: [{operator: Exists}]
      securityContext: ${security}
      containers:
        - name: upgrade
          image: kubectl
          resources: {requests: {cpu: 20m, memory: 64Mi}}
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
          env: [{name: DEFINITIONS, value: ${JSON.stringify(objects)}}]
          command: [/bin/sh, -ec, 'printf %s "$DEFINITIONS" | kubectl apply --server-side --force-conflicts -f -']
`;
}
