import { describe, expect, it } from "vitest";
import { FleetError } from "../../config/problems";
import { RELEASE_DESCRIPTIONS } from "../../constructs/platform";
import { filesWith } from "../support/fleet-files";
import { RUNNING } from "../support/fleets";
import { platformOf } from "../support/platform";

const onRequest = RELEASE_DESCRIPTIONS.filter((release) => release.onRequest).map(({ name }) => [name, true] as const);
const everything = platformOf(Object.fromEntries(onRequest));
const defaults = platformOf();

describe("the order of the default releases", () => {
  /** What a release waits for besides namespaces: an order that no one decided by accident. */
  const ORDER: readonly (readonly [release: string, after: readonly string[]])[] = [
    ["platform-classes", []],
    ["volume-guard", ["platform-classes"]],
    ["admission-policy", ["platform-classes"]],
    ["kube-prometheus-stack", ["platform-classes", "volume-guard"]],
    ["platform-monitoring", ["kube-prometheus-stack"]],
    ["aws-load-balancer-controller-crds", ["platform-classes", "kube-prometheus-stack"]],
    ["aws-load-balancer-controller", ["platform-classes", "kube-prometheus-stack", "aws-load-balancer-controller-crds"]],
    ["metrics-server", ["platform-classes", "kube-prometheus-stack"]],
    ["loki", ["platform-classes", "volume-guard", "kube-prometheus-stack"]],
    ["alloy-logs", ["platform-classes", "kube-prometheus-stack", "loki"]],
    ["alloy-events", ["platform-classes", "kube-prometheus-stack", "loki"]],
    ["traefik-crds", ["platform-classes", "kube-prometheus-stack", "aws-load-balancer-controller"]],
    ["traefik", ["platform-classes", "kube-prometheus-stack", "aws-load-balancer-controller", "traefik-crds"]],
    ["traefik-binding", ["aws-load-balancer-controller", "traefik"]],
    ["cluster-autoscaler", ["platform-classes", "kube-prometheus-stack"]],
    ["velero", ["platform-classes", "kube-prometheus-stack"]],
    ["restore-guard", ["velero"]],
  ];

  it.each(ORDER)("%s comes after %j", (release, after) => {
    expect(defaults.release(release).after.filter((other) => !other.startsWith("namespace "))).toEqual(after);
  });

  it("covers every release there is by default", () => {
    expect([...defaults.names].sort()).toEqual(ORDER.map(([name]) => name).sort());
  });

  it("puts every namespace before the first release, so that namespaces go after the metrics API", () => {
    const namespaces = ["platform", "monitoring", "logging", "traefik", "velero"];
    expect(defaults.release("platform-classes").after).toEqual(namespaces.map((name) => `namespace ${name}`));
    const reaches = (name: string): boolean => name === "platform-classes" || defaults.release(name).after.some(reaches);
    for (const name of defaults.names) expect(reaches(name), name).toBe(true);
  });
});

describe("every release", () => {
  it("is installed from a package that its version and content name, and rolled back when it does not become ready", () => {
    for (const name of everything.names) {
      const { arguments: args } = everything.release(name);
      expect(args["chart"]).toMatch(/^\.\.\/\.\.\/charts\/[a-z-]+-v?\d+\.\d+\.\d+-([0-9a-f]{12}|unrecorded)\.tgz$/);
      expect(String(args["chart"])).toContain(`-${String(args["version"])}-`);
      expect(args).toMatchObject({ atomic: true, upgrade_install: true, cleanup_on_fail: true, wait_for_jobs: true, max_history: 5 });
      expect(args["timeout"]).toBeGreaterThanOrEqual(600);
      expect(args["create_namespace"]).toBeUndefined();
    }
  });

  it("lives in a namespace that is a resource with a pod security level, or in kube-system", () => {
    const namespaces = Object.values(everything.fleet.resources("dev-blue-platform", "kubernetes_namespace_v1")).map(
      ({ metadata }) => metadata as { name: string; labels: Record<string, string> },
    );
    const levels = Object.fromEntries(namespaces.map(({ name, labels }) => [name, labels["pod-security.kubernetes.io/enforce"]]));
    expect(levels).toEqual({
      platform: "restricted",
      monitoring: "privileged",
      logging: "privileged",
      traefik: "restricted",
      velero: "restricted",
      "external-dns": "restricted",
      "cert-manager": "restricted",
      "external-secrets": "restricted",
    });
    for (const name of everything.names)
      expect([...Object.keys(levels), "kube-system"]).toContain(everything.release(name).arguments["namespace"]);
  });

  it("has its definitions installed in one declared way", () => {
    const { charts } = filesWith(RUNNING).lock as { charts: Record<string, { crds: { way: string } }> };
    for (const { name, chart } of RELEASE_DESCRIPTIONS) {
      if (!("locked" in chart)) continue;
      const way = charts[chart.locked]?.crds.way ?? "";
      expect(everything.names.includes(`${name}-crds`), name).toBe(way === "derived");
      expect(everything.release(name).arguments["skip_crds"], name).toBe(["derived", "skipped"].includes(way));
    }
  });

  it("keeps pods off other nodes: who tolerates the system nodes also selects them", () => {
    const selections = (values: unknown, path: string): readonly (readonly [string, boolean])[] => {
      if (typeof values !== "object" || values === null) return [];
      const { tolerations, nodeSelector } = values as { tolerations?: { key?: string }[]; nodeSelector?: Record<string, string> };
      const tolerates = Array.isArray(tolerations) && tolerations.some(({ key }) => key === "CriticalAddonsOnly");
      return [
        ...(tolerates ? [[path, nodeSelector?.["drydock.dev/group"] === "system"] as const] : []),
        ...Object.entries(values).flatMap(([key, value]) => selections(value, `${path}.${key}`)),
      ];
    };
    const found = everything.names.flatMap((name) => selections(everything.release(name).values, name));
    expect(found.filter(([, selects]) => !selects)).toEqual([]);
    // Every pod that the platform runs but not on each node; a part that is missing here may land anywhere, or nowhere.
    expect(found.map(([path]) => path).sort()).toEqual([
      "alloy-events.controller",
      "aws-load-balancer-controller",
      "cert-manager",
      "cert-manager.cainjector",
      "cert-manager.startupapicheck",
      "cert-manager.webhook",
      "cluster-autoscaler",
      "descheduler",
      "external-dns",
      "external-secrets.global",
      "kube-prometheus-stack.alertmanager.alertmanagerSpec",
      "kube-prometheus-stack.crds.upgradeJob",
      "kube-prometheus-stack.grafana",
      "kube-prometheus-stack.kube-state-metrics",
      "kube-prometheus-stack.prometheus.prometheusSpec",
      "kube-prometheus-stack.prometheusOperator",
      "kube-prometheus-stack.prometheusOperator.admissionWebhooks.patch",
      "loki.singleBinary",
      "metrics-server",
      "restore-guard",
      "traefik",
      "velero",
      "volume-guard",
    ]);
  });
});

describe("the way to the Kubernetes API", () => {
  it("is a token of the caller for each run, so that neither program nor state holds one", () => {
    const { provider } = everything.fleet.stack("dev-blue-platform").json;
    const exec = { api_version: "client.authentication.k8s.io/v1", command: "aws" };
    expect(provider?.["helm"]).toMatchObject([{ kubernetes: { exec } }]);
    expect(provider?.["kubernetes"]).toMatchObject([{ exec: [exec] }]);
    expect(JSON.stringify(provider?.["helm"])).toContain(`"args":["eks","get-token","--cluster-name"`);
    expect(JSON.stringify(provider)).not.toMatch(/"(token|password|client_key)"/);
  });

  it("goes through the cluster's role where it has one", () => {
    const role = "arn:aws:iam::111122223333:role/ci";
    const { fleet } = platformOf({}, { cluster: { assumeRoleArn: role } });
    expect(JSON.stringify(fleet.stack("dev-blue-platform").json.provider?.["helm"])).toContain(`"--role-arn","${role}"`);
  });
});

it("lets the load balancer, and nobody else, reach the ingress pods", () => {
  const rules = Object.values(defaults.fleet.resources("dev-blue-platform", "aws_vpc_security_group_ingress_rule"));
  expect(rules.map((rule) => `${String(rule["from_port"])}-${String(rule["to_port"])}`).sort()).toEqual(["8000-8000", "8080-8080"]);
  for (const rule of rules) {
    expect(rule["referenced_security_group_id"]).toContain("load-balancer_group");
    expect(rule["cidr_ipv4"]).toBeUndefined();
  }
});

describe("the watch over Alertmanager", () => {
  it("raises the alarm when it falls silent, only once it was there to speak", () => {
    const [alarm] = Object.values(defaults.fleet.resources("dev-blue-platform", "aws_cloudwatch_metric_alarm"));
    expect(alarm).toMatchObject({ metric_name: "NumberOfMessagesPublished", treat_missing_data: "breaching", threshold: 1 });
    expect(JSON.stringify(alarm?.["depends_on"])).toContain("kube-prometheus-stack");
  });

  it("is not there where nobody would speak", () => {
    const needing = (name: string): readonly string[] =>
      RELEASE_DESCRIPTIONS.filter(({ requires }) => requires.includes(name)).flatMap((release) => [release.name, ...needing(release.name)]);
    const without = ["kube-prometheus-stack", ...needing("kube-prometheus-stack")].map((name) => [name, false] as const);
    const { fleet, names } = platformOf(Object.fromEntries(without));
    expect([...names].sort()).toEqual(["admission-policy", "platform-classes", "volume-guard"]);
    expect(fleet.resources("dev-blue-platform", "aws_cloudwatch_metric_alarm")).toEqual({});
  });
});

describe("the escape hatch", () => {
  const changing = (release: string, change: (args: { values: object }) => object) => ({
    cluster: {
      transform: {
        platform: { release: (args: { values: object }, id: string) => (id === release ? { ...args, ...change(args) } : args) },
      },
    },
  });

  it("has the last word on a release's arguments and values", () => {
    const { release } = platformOf(
      {},
      changing("loki", ({ values }) => ({ timeout: 1800, values: { ...values, global: { priority: 1 } } })),
    );
    expect(release("loki").arguments["timeout"]).toBe(1800);
    expect(release("loki").values["global"]).toEqual({ priority: 1 });
    expect(release("velero").arguments["timeout"]).toBe(600);
  });

  it("is checked like everything else: a value that the chart does not know stops the synthesis", () => {
    const misspelt = changing("velero", ({ values }) => ({ values: { ...values, scedules: {} } }));
    expect(() => platformOf({}, misspelt)).toThrow(FleetError);
    expect(() => platformOf({}, misspelt)).toThrow(/values of velero\.scedules[^]*did you mean "schedules"/);
  });
});

it("gives each colour its own platform, with its own log bucket", () => {
  const both = { dev: { colours: { blue: { kubernetes: "1.35", weight: 100 }, green: { kubernetes: "1.36", weight: 0 } } } };
  const { fleet } = platformOf({}, { state: both });
  const text = (stack: string): string => JSON.stringify(fleet.stack(stack).json);
  expect(text("dev-blue-platform")).toContain("logs-blue");
  expect(text("dev-green-platform")).toContain("logs-green");
  expect(text("dev-blue-platform")).not.toContain("logs-green");
});
