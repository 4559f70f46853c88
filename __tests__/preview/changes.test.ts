import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { renderHtml } from "../../preview/render/html";
import { renderMarkdown } from "../../preview/render/markdown";
import { fleetText } from "../support/drydock";
import { kindsOf, PreviewCheckout, stackOf, steady } from "../support/preview";
import { someCounts } from "../support/reports";

// Every plan here is real Terraform's, over the base applied to the stand-in. What the constructs do not make yet
// (releases, a moved or an adopted resource) comes through the escape hatch, as a user would add it.
const FLEET = fleetText(
  `{
    dev: playground({
      network: { cidr: "10.30.0.0/18" },
      transform: {
        data: {
          stack: (stack) => {
            stack.addOverride("terraform.required_providers.helm", { source: "helm", version: "3.1.1" });
            stack.addOverride("terraform.required_providers.kubernetes", { source: "kubernetes", version: "2.38.0" });
            stack.addOverride("resource.kubernetes_secret_v1.login", { metadata: { name: "login" }, data: { password: "hunter2-of-base" } });
            stack.addOverride("resource.helm_release.metrics", {
              name: "metrics",
              namespace: "kube-system",
              chart: "../../vendor/charts/alloy-1.11.1-cc4cd48a885c.tgz",
              values: [JSON.stringify({ replicas: 2, grafana: { adminPassword: "s3cret-of-base" } })],
            });
            stack.addOverride("resource.aws_sns_topic.old", { name: "topic" });
            // more
          },
        },
      },
    }),
  }`,
  { more: 'tags: { team: "one" },' },
);
const STATE = '{ "dev": { "colours": { "blue": { "kubernetes": "1.35", "weight": 100 } } } }\n';

// Each test runs Terraform on several stacks, and machines may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let checkout: PreviewCheckout;

beforeAll(async () => {
  checkout = await PreviewCheckout.open({ "fleet.ts": FLEET, "fleet.state.json": STATE });
});
afterEach(() => checkout.reset());
afterAll(() => {
  checkout.close();
});

describe("a preview of", () => {
  it("nothing says that nothing differs", async () => {
    const report = await checkout.preview();
    expect(report.stacks).toEqual([]);
    expect(renderMarkdown(report)).toContain("nothing changes");
  });

  it("a node group's instance types replaces the group by a new one, which takes its place and loses nothing", async () => {
    checkout.edit("config/presets.ts", '["t3.large", "t3a.large"]', '["t3.xlarge", "t3a.xlarge"]');
    const report = await checkout.preview();
    expect(report.stacks.map(({ name, status }) => [name, status])).toEqual([
      ["dev-blue-cluster", "planned"],
      // It reads the cluster, and nothing that it reads changes.
      ["dev-blue-platform", "unchanged"],
    ]);
    const { changes, counts } = stackOf(report, "dev-blue-cluster");
    expect(counts).toMatchObject({ create: 2, delete: 2, replace: 0 });
    expect(changes.slice(0, 2).map(({ danger, kind }) => ({ danger, kind }))).toEqual(
      Array(2).fill({ danger: "destructive", kind: "delete" }),
    );
    expect(report.guard.violations).toEqual([]);
    expect(report.cost.after).toBeGreaterThan(report.cost.before);
    expect(report.time.median).toBeGreaterThan(0);
    expect(report.time.p90).toBeGreaterThanOrEqual(report.time.median);
  });

  it("a Kubernetes minor changes control plane, nodes and add-ons in place", async () => {
    checkout.edit("fleet.state.json", "1.35", "1.36");
    const report = await checkout.preview();
    const stack = stackOf(report, "dev-blue-cluster");
    // The autoscaler moves along: it simulates the scheduler of its own minor.
    const [autoscaler] = stackOf(report, "dev-blue-platform").charts;
    expect(autoscaler).toMatchObject({
      release: "cluster-autoscaler",
      values: [{ path: "image.tag", before: "v1.35.2", after: "v1.36.1" }],
    });
    expect(new Set(stack.changes.map(({ kind }) => kind))).toEqual(new Set(["update"]));
    const cluster = stack.changes.find(({ type }) => type === "aws_eks_cluster");
    expect(cluster?.differences).toContainEqual({ path: "version", kind: "changed", before: "1.35", after: "1.36", forces: false });
  });

  it("a chart's version shows both versions, and changed values without their secrets", async () => {
    checkout.edit("fleet.ts", "alloy-1.11.1-cc4cd48a885c", "alloy-1.12.0-ba9876543210");
    checkout.edit(
      "charts.lock.json",
      '"version": "1.11.1",\n      "appVersion": "v1.18.1"',
      '"version": "1.12.0",\n      "appVersion": "v1.19.0"',
    );
    checkout.edit("charts.lock.json", "podlogs.monitoring.grafana.com", "logs.monitoring.grafana.com");
    checkout.edit("charts.lock.json", "alloy-1.11.1/alloy-1.11.1.tgz", "alloy-1.12.0/alloy-1.12.0.tgz");
    checkout.edit("charts.lock.json", "cc4cd48a885c070fe8b2929971552852375c11e92d95fc6337d0c3fa277ac575", "ba9876543210".padEnd(64, "0"));
    checkout.edit("fleet.ts", "replicas: 2", "replicas: 3");
    checkout.edit("fleet.ts", "s3cret-of-base", "s3cret-of-head");
    const report = await checkout.preview();
    const [chart] = stackOf(report, "dev-data").charts;
    expect(chart).toMatchObject({
      release: "metrics",
      chart: "alloy",
      version: { before: "1.11.1", after: "1.12.0" },
      appVersion: { before: "v1.18.1", after: "v1.19.0" },
      newCrds: ["logs.monitoring.grafana.com"],
      droppedCrds: ["podlogs.monitoring.grafana.com"],
    });
    expect(chart?.values).toEqual([
      { path: "replicas", kind: "changed", before: "2", after: "3", forces: false },
      { path: "grafana.adminPassword", kind: "secret", forces: false },
    ]);
    expect(chart?.manifests).toEqual({ status: "not compared", because: "alloy-1.11.1-cc4cd48a885c.tgz is not in vendor/charts" });
    expect(JSON.stringify(report)).not.toMatch(/s3cret/);
  });

  it("a chart that the lock pins at another version shows in the platform, with its package", async () => {
    checkout.edit("charts.lock.json", '"version": "18.11.0"', '"version": "18.12.0"');
    await expect(checkout.preview()).rejects.toThrow("gives loki the version 18.12.0 instead of 18.11.0, and the same digest and address");
    const { charts: locked } = JSON.parse(checkout.read("charts.lock.json")) as { charts: { loki: { sha256: string; url: string } } };
    checkout.edit("charts.lock.json", locked.loki.sha256, "0".repeat(64));
    checkout.edit("charts.lock.json", locked.loki.url, locked.loki.url.replaceAll("18.11.0", "18.12.0"));
    const report = await checkout.preview();
    expect(report.stacks.map(({ name }) => name)).toEqual(["dev-blue-platform"]);
    const { charts, changes } = stackOf(report, "dev-blue-platform");
    expect(charts).toMatchObject([{ release: "loki", chart: "loki", version: { before: "18.11.0", after: "18.12.0" }, values: [] }]);
    expect(changes.map(({ kind, type }) => [kind, type])).toEqual([["update", "helm_release"]]);
  });

  it("a Secret shows that it changed, and never to what", async () => {
    checkout.edit("fleet.ts", "hunter2-of-base", "hunter2-of-head");
    const report = await checkout.preview();
    const [secret] = stackOf(report, "dev-data").changes;
    expect(secret).toMatchObject({ kind: "update", type: "kubernetes_secret_v1" });
    expect(secret?.differences).toEqual([{ path: "data", kind: "secret", forces: false }]);
    expect(JSON.stringify(report)).not.toMatch(/hunter2/);
  });

  it("a CIDR replaces the network, names the attribute that forces it, and plans what reads it over the new one", async () => {
    checkout.edit("fleet.ts", "10.30.0.0/18", "10.31.0.0/18");
    const report = steady(await checkout.preview());
    const network = stackOf(report, "dev-network");
    const vpc = network.changes.find(({ type }) => type === "aws_vpc");
    expect(vpc).toMatchObject({ kind: "replace", danger: "stateful" });
    expect(network.changes.slice(0, 3).map(({ danger }) => danger)).toEqual(["stateful", "stateful", "stateful"]);
    expect(vpc?.differences).toContainEqual({
      path: "cidr_block",
      kind: "changed",
      before: "10.30.0.0/18",
      after: "10.31.0.0/18",
      forces: true,
    });
    const subnet = network.changes.find(({ construct }) => construct === "vpc/private-a");
    expect(subnet?.differences.filter(({ forces }) => forces).map(({ path, after }) => ({ path, after }))).toEqual(
      expect.arrayContaining([{ path: "vpc_id", after: "aws_vpc.vpc_6776A399.id" }]),
    );
    const cluster = stackOf(report, "dev-blue-cluster");
    expect(cluster).toMatchObject({ cause: "dependant", mode: "rehearsed", note: "it reads what this change does to dev-network" });
    expect(cluster.counts.replace).toBeGreaterThan(0);
    // Ids that stacks read of each other are marked by cdktf, and are no secrets.
    expect(JSON.stringify(report)).not.toContain("(sensitive)");
    await expect(renderMarkdown(report)).toMatchFileSnapshot("golden/cidr.md");
    await expect(renderHtml(report)).toMatchFileSnapshot("golden/cidr.html");
  });

  it("a removed cluster destroys its stacks, what reads others first", async () => {
    checkout.write({ "fleet.state.json": '{ "dev": { "colours": {} } }\n' });
    const report = await checkout.preview();
    const removed = report.stacks.filter(({ cause }) => cause === "removed").map(({ name }) => name);
    expect(removed).toEqual(expect.arrayContaining(["dev-blue-cluster", "dev-traffic", "dev-network", "dev-data"]));
    expect(removed.indexOf("dev-blue-cluster")).toBeLessThan(removed.indexOf("dev-network"));
    expect(report.counts).toMatchObject({ create: 0, update: 0, replace: 0 });
    expect(report.counts.delete).toBeGreaterThan(50);
    const lost = report.guard.violations.map(({ address }) => address.split(".")[0]);
    expect(lost).toEqual(expect.arrayContaining(["dev-blue-cluster/aws_eks_cluster", "dev-data/aws_kms_key", "dev-network/aws_vpc"]));
    expect(report.cost.after).toBeLessThan(report.cost.before);
  });

  it("a rename deletes and creates; with a moved block it only moves", async () => {
    checkout.edit("fleet.ts", "resource.aws_sns_topic.old", "resource.aws_sns_topic.new");
    expect(kindsOf(stackOf(await checkout.preview(), "dev-data"))).toEqual({ old: "delete", new: "create" });
    checkout.edit("fleet.ts", "// more", 'stack.addOverride("moved", [{ from: "aws_sns_topic.old", to: "aws_sns_topic.new" }]);');
    const report = await checkout.preview();
    const stack = stackOf(report, "dev-data");
    expect(stack.changes).toMatchObject([{ kind: "move", construct: "new", previousAddress: "aws_sns_topic.old", danger: "none" }]);
    expect(renderMarkdown(report)).toContain("was aws_sns_topic.old");
  });

  it("tags only changes tags, once per resource, and nothing else", async () => {
    checkout.edit("fleet.ts", 'team: "one"', 'team: "two"');
    const report = await checkout.preview();
    expect(report.counts).toMatchObject({ create: 0, replace: 0, delete: 0 });
    const differences = report.stacks.flatMap(({ changes }) => changes.flatMap((change) => change.differences));
    const shown = new Set(differences.filter(({ kind }) => kind === "changed").map(({ path }) => path));
    expect([...shown].filter((path) => !path.includes("team"))).toEqual([]);
    expect(report.counts.update).toBeGreaterThan(20);
  });

  it("an adopted resource shows what it takes over", async () => {
    checkout.edit(
      "fleet.ts",
      "// more",
      `stack.addOverride("resource.aws_sns_topic.found", { name: "found" });
            stack.addOverride("import", [{ to: "aws_sns_topic.found", id: "arn:aws:sns:eu-west-1:111122223333:found" }]);`,
    );
    const report = await checkout.preview();
    expect(stackOf(report, "dev-data").changes).toMatchObject([
      { kind: "import", construct: "found", importedId: "arn:aws:sns:eu-west-1:111122223333:found" },
    ]);
    expect(renderMarkdown(report)).toContain("takes over arn:aws:sns");
  });

  it("a base is applied once, and found again", async () => {
    checkout.edit("fleet.ts", "replicas: 2", "replicas: 4");
    const report = await checkout.preview();
    expect(stackOf(report, "dev-data").counts).toEqual(someCounts({ update: 1 }));
  });
});
