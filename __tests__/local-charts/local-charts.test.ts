import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { packLocalChart } from "../../charts/place-packages";
import { localPackageName } from "../../config/local-charts";
import { readChartFiles } from "../../config/files";
import facts from "../../facts/metrics.json";
import { goldenValues, type GoldenRelease } from "../../scripts/golden-values";
import { ROOT } from "../support/checkout";
import { goModuleOrSkip, helmOrSkip } from "../support/helm";
import { OpenApi, type KubernetesObject } from "../support/openapi";
import { metricsOf } from "../support/promql";

/** Minors that the fleet may run, with the release whose OpenAPI documents are read. */
const MINORS = { "1.35": "v1.35.4", "1.36": "v1.36.3" } as const;

/** Kinds of definitions that other charts bring. */
const CUSTOM = ["elbv2.k8s.aws/v1beta1/TargetGroupBinding", "monitoring.coreos.com/v1/PrometheusRule"];

const golden = goldenValues(ROOT);
const { localCharts } = readChartFiles(ROOT);
const [helm, ...modules] = await Promise.all([
  helmOrSkip(),
  ...Object.values(MINORS).map((version) => goModuleOrSkip("k8s.io/kubernetes", version)),
]);

/** A release of one of our charts, with the values that the example's production gives it. */
const releases = localCharts.map((chart) => {
  const [name, release] = Object.entries(golden).find(([, { chart: file }]) => file.endsWith(`/${localPackageName(chart)}`)) ?? [];
  if (name === undefined || !release) throw new Error(`No release uses local-charts/${chart.name}.`);
  return { chart: chart.name, name, release };
});

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "drydock-local-charts-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Rendering {
  readonly exitCode: number | undefined;
  readonly objects: readonly KubernetesObject[];
  readonly stderr: string;
}

/** Renders a release's package with real Helm, as it would be installed. */
async function render(
  name: string,
  change: (values: GoldenRelease["values"]) => object = (values) => values,
  minor = "1.36",
): Promise<Rendering> {
  const found = releases.find((release) => release.name === name);
  if (!found) throw new Error(`No local release ${name}`);
  const [packed, values] = [join(folder, `${found.chart}.tgz`), join(folder, `${name}.json`)];
  writeFileSync(packed, await packLocalChart(ROOT, found.chart));
  writeFileSync(values, JSON.stringify(change(found.release.values)));
  const args = ["template", name, packed, "-n", found.release.namespace, "-f", values, "--kube-version", `${minor}.0`];
  const { exitCode, stdout, stderr } = await execa(helm ?? "helm", args, { reject: false });
  const objects = parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject | null);
  return { exitCode, objects: objects.filter((object) => object !== null), stderr };
}

const one = ({ objects, stderr }: Rendering, kind: string, name?: string): KubernetesObject => {
  const found = objects.find((object) => object.kind === kind && (name === undefined || object.metadata.name === name));
  if (!found) throw new Error(`No ${kind}. ${stderr}`);
  return found;
};

interface Dashboard {
  readonly panels: readonly { readonly datasource: { readonly type: string }; readonly targets: readonly { readonly expr?: string }[] }[];
}

/** Metrics of an expression that no component has, and labels that its metric has not. */
function unknownIn(expression: string): readonly string[] {
  const known: Readonly<Record<string, { readonly labels: readonly string[] } | undefined>> = facts.metrics;
  return metricsOf(expression).flatMap(({ name, labels }) => {
    const metric = known[name];
    if (!metric) return [name];
    return labels.filter((label) => ![...metric.labels, ...facts.targetLabels].includes(label)).map((label) => `${name}{${label}}`);
  });
}

it("an expression that is none, and a metric or label that does not exist, are found", () => {
  expect(() => metricsOf("sum(up")).toThrow(/is no PromQL/);
  expect(unknownIn('velero_backup_location_available{a="b"} or up{job="x"} or traefik_entrypoint_requests_total{colour="blue"}')).toEqual([
    "velero_backup_location_available",
    "traefik_entrypoint_requests_total{colour}",
  ]);
});

describe.skipIf(helm === undefined)("our own charts, rendered by real Helm", () => {
  it.each(releases)("$chart passes Helm's linter with its release's values", async ({ chart, name, release }) => {
    const values = join(folder, `${name}-lint.json`);
    writeFileSync(values, JSON.stringify(release.values));
    const { exitCode, stdout } = await execa(helm ?? "helm", ["lint", "--strict", join(ROOT, "local-charts", chart), "-f", values], {
      reject: false,
    });
    expect(exitCode, stdout).toBe(0);
  });

  it.each(releases)("$chart refuses a value that it does not know", async ({ name }) => {
    const { exitCode, stderr } = await render(name, (values) => ({ ...values, unheardOf: 1 }));
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("unheardOf");
  });

  describe.skipIf(modules.includes(undefined)).each(Object.keys(MINORS).map((minor, index) => ({ minor, module: modules[index] ?? "" })))(
    "on Kubernetes $minor",
    ({ minor, module }) => {
      const api = new OpenApi(module);

      it.each(releases)("$chart makes objects that the API knows, field by field", async ({ name }) => {
        const { objects, stderr } = await render(name, undefined, minor);
        expect(objects.length, stderr).toBeGreaterThan(0);
        for (const object of objects) {
          const kind = `${object.apiVersion}/${object.kind}`;
          const problems = api.problems(object);
          if (problems === undefined) expect(CUSTOM).toContain(kind);
          else expect(problems, `${kind} ${object.metadata.name}`).toEqual([]);
        }
      });

      it("an object with a field that the API does not know is found", async () => {
        const storageClass = one(await render("platform-classes", undefined, minor), "StorageClass");
        expect(api.problems({ ...storageClass, reclaimPolice: "Delete" })?.join()).toContain("reclaimPolice");
        expect(api.problems({ ...storageClass, provisioner: 1 })?.join()).toContain("/provisioner");
      });
    },
  );

  it("the storage class encrypts, waits for the pod and is the default", async () => {
    const { metadata, ...storageClass } = one(await render("platform-classes"), "StorageClass");
    expect(metadata.annotations).toEqual({ "storageclass.kubernetes.io/is-default-class": "true" });
    expect(storageClass).toMatchObject({
      provisioner: "ebs.csi.aws.com",
      parameters: { type: "gp3", encrypted: "true" },
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    });
  });

  it("the volume guard does nothing until it is removed, and may only look at volumes", async () => {
    const rendering = await render("volume-guard");
    const job = one(rendering, "Job");
    expect(job.metadata.annotations).toMatchObject({ "helm.sh/hook": "pre-delete" });
    expect(rendering.objects.filter(({ kind }) => ["Deployment", "DaemonSet", "Pod"].includes(kind))).toEqual([]);
    expect(one(rendering, "ClusterRole")["rules"]).toEqual([{ apiGroups: [""], resources: ["persistentvolumes"], verbs: ["get", "list"] }]);
  });

  it("the restore guard takes Velero's Restores along, and may touch nothing else", async () => {
    const rendering = await render("restore-guard");
    expect(one(rendering, "Job").metadata.annotations).toMatchObject({ "helm.sh/hook": "pre-delete" });
    expect(JSON.stringify(one(rendering, "Job"))).toContain("delete restores.velero.io --all --wait");
    expect(one(rendering, "Role")["rules"]).toEqual([
      { apiGroups: ["velero.io"], resources: ["restores"], verbs: ["get", "list", "watch", "delete"] },
    ]);
  });

  describe("the volume guard's script", () => {
    /** Runs the hook's own script with a kubectl that answers each time with the next of the given lists. */
    async function guard(answers: readonly string[]): Promise<{ readonly exitCode: number | undefined; readonly stdout: string }> {
      const { spec } = one(await render("volume-guard"), "Job") as unknown as {
        spec: { template: { spec: { containers: [{ command: [string, string, string]; env: { name: string; value: string }[] }] } } };
      };
      const [{ command, env }] = spec.template.spec.containers;
      const bin = mkdtempSync(join(folder, "bin-"));
      writeFileSync(join(bin, "sleep"), "#!/bin/sh\n", { mode: 0o755 });
      writeFileSync(join(bin, "calls"), "0");
      answers.forEach((answer, index) => {
        writeFileSync(join(bin, `answer-${index}`), answer);
      });
      const last = answers.length - 1;
      writeFileSync(
        join(bin, "kubectl"),
        `#!/bin/sh\nn=$(cat ${bin}/calls); echo $((n < ${last} ? n + 1 : n)) > ${bin}/calls\nif [ "$(cat ${bin}/answer-$n)" = fail ]; then exit 1; fi\ncat ${bin}/answer-$n\n`,
        { mode: 0o755 },
      );
      const [shell, ...args] = command;
      const environment = Object.fromEntries(env.map(({ name, value }) => [name, value]));
      const result = await execa(shell, args, { env: { ...environment, PATH: `${bin}:/usr/bin:/bin` }, reject: false, timeout: 20_000 });
      return { exitCode: result.exitCode, stdout: result.stdout };
    }

    it("waits until no volume of the platform is left, whatever others have", async () => {
      const { exitCode, stdout } = await guard([
        "monitoring/pv-1/Delete\nlogging/pv-2/Delete\nshop/pv-3/Delete\n",
        "logging/pv-2/Delete\nshop/pv-3/Delete\n",
        "shop/pv-3/Delete\n",
      ]);
      expect(exitCode).toBe(0);
      expect(stdout).toBe("waiting for the volumes pv-1 pv-2\nwaiting for the volumes pv-2");
    });

    it("takes an API that does not answer for a failure, not for an empty list", async () => {
      expect((await guard(["monitoring/pv-1/Delete\n", "fail"])).exitCode).not.toBe(0);
    });

    it("does not wait for volumes that are to stay", async () => {
      expect(await guard(["monitoring/pv-1/Retain\n"])).toEqual({ exitCode: 0, stdout: "" });
    });
  });

  describe("alerts", () => {
    const rulesOf = async (change?: (values: GoldenRelease["values"]) => object): Promise<readonly { alert: string; expr: string }[]> => {
      const { spec } = one(await render("platform-monitoring", change), "PrometheusRule") as unknown as {
        spec: { groups: { rules: { alert: string; expr: string }[] }[] };
      };
      return spec.groups.flatMap(({ rules }) => rules);
    };

    it("watch each schedule by its own age, and only what is there", async () => {
      const all = await rulesOf();
      expect(all.filter(({ alert }) => alert === "BackupTooOld").map(({ expr }) => expr)).toEqual([
        'time() - max(velero_backup_last_successful_timestamp{schedule="velero-blue-hourly"}) > 10800',
        'time() - max(velero_backup_last_successful_timestamp{schedule="velero-blue-weekly"}) > 612000',
      ]);
      const nothing = { backups: [], autoscaler: false, ingress: false, logs: false, certificates: false };
      const few = await rulesOf((values) => ({ ...values, ...nothing, ingress: true }));
      expect(few.map(({ alert }) => alert)).toEqual(["IngressDown", "IngressErrors"]);
      const { objects } = await render("platform-monitoring", (values) => ({ ...values, ...nothing }));
      expect(objects.some(({ kind }) => kind === "PrometheusRule")).toBe(false);
      // What Prometheus fills in must survive Helm's own templates.
      expect(JSON.stringify(all)).toContain("{{ $labels.reason }}");
    });

    it("are PromQL, of metrics and labels that exist", async () => {
      const expressions = (await rulesOf()).map(({ expr }) => expr);
      expect(expressions.length).toBeGreaterThan(12);
      expect(expressions.flatMap(unknownIn)).toEqual([]);
    });
  });

  it("dashboards are whole JSON, about this cluster, with the data sources that Grafana gets", async () => {
    const { objects } = await render("platform-monitoring");
    const dashboards = objects
      .filter(({ kind }) => kind === "ConfigMap")
      .flatMap(({ data }) => Object.values(data as Record<string, string>));
    expect(dashboards.map((text) => (JSON.parse(text) as { title: string }).title).sort()).toEqual(["Logs", "Platform"]);
    for (const text of dashboards) expect(text).not.toMatch(/@(cluster|logGroup|region)@/);
    const sources = new Set(
      dashboards.flatMap((text) => [...text.matchAll(/"uid": "(loki|prometheus|cloudwatch)"/g)].map(([, uid]) => uid)),
    );
    expect([...sources].sort()).toEqual(["cloudwatch", "loki", "prometheus"]);
    const expressions = dashboards.flatMap((text) =>
      (JSON.parse(text) as Dashboard).panels
        .filter(({ datasource }) => datasource.type === "prometheus")
        .flatMap(({ targets }) => targets.map(({ expr = "" }) => expr)),
    );
    expect(expressions.length).toBeGreaterThan(8);
    expect(expressions.flatMap(unknownIn)).toEqual([]);
  });

  it("the dashboard of logs is not there without Loki", async () => {
    const { objects } = await render("platform-monitoring", (values) => ({ ...values, logs: false }));
    expect(objects.filter(({ kind }) => kind === "ConfigMap").map(({ metadata }) => metadata.name)).toEqual(["dashboard-platform"]);
  });

  it("the policies let controllers, EKS and deploys through, and break-glass with a mark", async () => {
    const { objects } = await render("admission-policy");
    const policies = objects.filter(({ kind }) => kind === "ValidatingAdmissionPolicy") as unknown as {
      metadata: { name: string };
      spec: { matchConditions: { name: string; expression: string }[]; auditAnnotations: { key: string }[]; failurePolicy: string };
    }[];
    expect(policies.map(({ metadata }) => metadata.name).sort()).toEqual(["drydock-helm-releases", "drydock-platform-namespaces"]);
    for (const { spec } of policies) {
      expect(spec.failurePolicy).toBe("Fail");
      expect(spec.matchConditions.map(({ name }) => name)).toEqual(
        expect.arrayContaining(["not-the-control-plane", "not-a-node", "not-eks", "not-a-controller", "not-the-platform", "not-a-deploy"]),
      );
      expect(spec.auditAnnotations).toMatchObject([{ key: "break-glass" }]);
    }
    const bindings = objects.filter(({ kind }) => kind === "ValidatingAdmissionPolicyBinding");
    for (const binding of bindings) expect(binding["spec"]).toMatchObject({ validationActions: ["Deny", "Audit"] });
    expect(bindings).toHaveLength(policies.length);
  });
});
