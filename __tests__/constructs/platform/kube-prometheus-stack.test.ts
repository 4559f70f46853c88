import { describe, expect, it } from "vitest";
import { identityOf, platformOf, rightsOf } from "../../support/platform";

const platform = platformOf();
const { values, arguments: args } = platform.release("kube-prometheus-stack");
const text = JSON.stringify(values);

describe("monitoring", () => {
  it("watches every monitor and rule of the cluster", () => {
    const spec = (values["prometheus"] as { prometheusSpec: Record<string, unknown> }).prometheusSpec;
    const selectors = Object.entries(spec).filter(([key]) => key.endsWith("SelectorNilUsesHelmValues"));
    expect(selectors).toHaveLength(5);
    for (const [, onlyItsOwn] of selectors) expect(onlyItsOwn).toBe(false);
  });

  it("keeps metrics as long and as much as declared, and deletes its volumes with itself", () => {
    const { values: small } = platformOf({ "kube-prometheus-stack": { retentionDays: 7, volumeGiB: 20, memoryMiB: 1024 } }).release(
      "kube-prometheus-stack",
    );
    expect(small).toMatchObject({
      prometheus: {
        prometheusSpec: {
          retention: "7d",
          retentionSize: "16GiB",
          resources: { limits: { memory: "1024Mi" } },
          persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" },
        },
      },
      alertmanager: { alertmanagerSpec: { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" } } },
    });
    expect(JSON.stringify(small)).toContain('"storage":"20Gi"');
  });

  it("leaves out what EKS keeps out of reach, whose alerts would always or never fire", () => {
    for (const part of ["kubeControllerManager", "kubeScheduler", "kubeEtcd", "kubeProxy"])
      expect(values[part]).toEqual({ enabled: false });
  });

  it("upgrades its own definitions, with images at exact versions", () => {
    expect(values["crds"]).toMatchObject({
      upgradeJob: { enabled: true, image: { kubectl: { tag: "v1.36.0" }, busybox: { tag: "1.37.0" } } },
    });
    expect(args["skip_crds"]).toBe(false);
  });
});

describe("alerts", () => {
  const config = (values["alertmanager"] as { config: { route: object; receivers: { name: string; sns_configs?: object[] }[] } }).config;

  it("reach the owner's topic by the pod's identity, with no key to keep", () => {
    expect(config.receivers.find(({ name }) => name === "owner")?.sns_configs).toMatchObject([
      { sigv4: { region: "eu-west-1" }, send_resolved: true },
    ]);
    expect(text).not.toMatch(/access_key|secret_key/);
    expect(identityOf(platform, "alertmanager")).toBe("monitoring/kube-prometheus-stack-alertmanager");
  });

  it("have a subject that SNS takes, however long the names in it are", () => {
    // SNS refuses more than 100 characters, and with them the alert.
    const [sns] = config.receivers.find(({ name }) => name === "owner")?.sns_configs ?? [];
    expect(sns).toMatchObject({
      subject: '{{ printf "%.100s" (printf "[tiny-dev-blue] %s: %s %s" .Status .CommonLabels.alertname .CommonLabels.namespace) }}',
    });
  });

  it("send a sign of life to a topic of their own, which the role may publish to", () => {
    expect(config.route).toMatchObject({
      routes: [{ receiver: "watchdog", matchers: ['alertname = "Watchdog"'], repeat_interval: "5m" }, {}],
    });
    expect(rightsOf(platform, "alertmanager")[0]?.Resource).toContain("arn:aws:sns:eu-west-1:111122223333:tiny-dev-blue-watchdog");
  });
});

describe("Grafana", () => {
  it("has no password: whoever may reach it may look and not change", () => {
    expect(values["grafana"]).toMatchObject({
      env: { GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: "true" },
      "grafana.ini": { "auth.anonymous": { enabled: true, org_role: "Viewer" }, "auth.basic": { enabled: false } },
    });
    expect(text).not.toContain("adminPassword");
  });

  it("shows container logs, events and the control plane's logs, which its role may query and nothing else", () => {
    const sources = (values["grafana"] as { additionalDataSources: { type: string }[] }).additionalDataSources.map(({ type }) => type);
    expect(sources).toEqual(["loki", "cloudwatch"]);
    const named = rightsOf(platform, "grafana").flatMap(({ Resource }) => (Resource === "*" ? [] : [Resource].flat()));
    expect(named).toEqual(["arn:aws:logs:eu-west-1:111122223333:log-group:/aws/eks/tiny-dev-blue/cluster:*"]);
  });

  it("reads its data sources once before it starts, or it would wait for ever", () => {
    expect(values["grafana"]).toMatchObject({ sidecar: { datasources: { initDatasources: true, watchMethod: "LIST", skipReload: true } } });
  });

  it("may read ConfigMaps of its namespace, and no Secret", () => {
    expect(values["grafana"]).toMatchObject({ rbac: { create: false } });
    expect(values["extraManifests"]).toMatchObject([
      { kind: "Role", metadata: { namespace: "monitoring" }, rules: [{ resources: ["configmaps"], verbs: ["get", "list", "watch"] }] },
      { kind: "RoleBinding", subjects: [{ name: "kube-prometheus-stack-grafana" }] },
    ]);
  });

  it("has no source that is not there", () => {
    const { values: bare } = platformOf({ loki: false, "alloy-logs": false, "alloy-events": false }).release("kube-prometheus-stack");
    expect((bare["grafana"] as { additionalDataSources: { type: string }[] }).additionalDataSources.map(({ type }) => type)).toEqual([
      "cloudwatch",
    ]);
  });
});
