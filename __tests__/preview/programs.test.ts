import { describe, expect, it } from "vitest";
import { deviations } from "../../preview/deploy/compare";
import { deployOrder } from "../../preview/deploy/levels";
import { packageAt } from "../../preview/charts/releases";
import { guard } from "../../preview/guard";
import { refusalOf } from "../../preview/untrusted-programs";
import type { ProgramJson } from "../../terraform/program";
import { aChange, aReport, aStack } from "../support/reports";

describe("a program that another job synthesized", () => {
  const allowed = new Set(["aws", "helm", "kubernetes"]);
  const program = (parts: object): ProgramJson => ({ resource: { aws_vpc: { main: { cidr_block: "10.0.0.0/16" } } }, ...parts });

  it("is planned with credentials when it only declares resources", () => {
    expect(refusalOf(program({ data: { terraform_remote_state: { x: {} }, aws_region: { x: {} } } }), allowed)).toBeUndefined();
    const exec = { api_version: "client.authentication.k8s.io/v1", command: "aws", args: ["eks", "get-token"] };
    expect(refusalOf(program({ provider: { kubernetes: [{ exec: [exec] }] } }), allowed)).toBeUndefined();
    const release = { chart: "../../charts/cert-manager-v1.21.1-unrecorded.tgz" };
    expect(refusalOf(program({ resource: { helm_release: { x: release } } }), allowed)).toBeUndefined();
    expect(refusalOf(program({ output: { x: { value: "the profile(s) of ${aws_vpc.main.id}" } } }), allowed)).toBeUndefined();
  });

  it.each([
    ["loads a module", { module: { x: { source: "./x" } } }],
    ["uses the provider external", { data: { external: { x: { program: ["sh"] } } } }],
    ["uses the provider evil", { terraform: { required_providers: { aws: { source: "someone/evil", version: "1" } } } }],
    ["has a provisioner", { resource: { terraform_data: { x: { provisioner: [{ "local-exec": { command: "env" } }] } } } }],
    ["has a post-renderer", { resource: { helm_release: { x: { postrender: { binary_path: "sh" } } } } }],
    ["takes its chart from somewhere else", { resource: { helm_release: { x: { chart: "oci://example.org/charts/x" } } } }],
    ["takes its chart from somewhere else", { resource: { helm_release: { x: { chart: "/etc/x-1.0.0.tgz" } } } }],
    [
      "takes its chart from somewhere else",
      { resource: { helm_release: { x: { chart: "../../charts/x-1.0.0-0123456789ab.tgz", repository: "https://example.org" } } } },
    ],
    ["would run sh", { provider: { kubernetes: [{ exec: [{ command: "sh" }] }] } }],
    ["calls file()", { resource: { aws_sns_topic: { x: { name: '${file("/proc/self/environ")}' } } } }],
    ["calls filebase64sha256 (", { locals: { x: '${filebase64sha256 ("x")}' } }],
    ["calls templatefile()", { locals: { x: '${base64encode(templatefile("/etc/passwd", {}))}' } }],
  ])("is refused when it %s", (reason, parts) => {
    expect(refusalOf(program(parts), allowed)).toContain(reason.replace(" (", "()"));
  });
});

describe("a plan and the reviewed one", () => {
  const planned = (change: Parameters<typeof aChange>[0], mode: "real" | "rehearsed" = "real") =>
    aReport({ mode, stacks: [aStack({ mode, changes: [aChange(change)] })] });
  const difference = (after: string, kind: "changed" | "unknown" | "secret" = "changed") => ({
    path: "a",
    kind,
    before: "1",
    after,
    forces: false,
  });

  it("are the same where values are, and whatever is unknown or secret stands for anything", () => {
    const reviewed = planned({ differences: [difference("2")] });
    expect(deviations(reviewed, reviewed)).toEqual([]);
    expect(deviations(planned({ differences: [difference("aws_vpc.x.id", "unknown")] }), reviewed)).toEqual([]);
    expect(deviations(planned({ differences: [difference("2", "secret")] }), reviewed)).toEqual([]);
  });

  it("differ in what is done, to what, and to which value", () => {
    const reviewed = planned({ differences: [difference("2")] });
    expect(deviations(reviewed, planned({ differences: [difference("3")] }))).toEqual([
      { address: "dev-network/aws_vpc.main", reason: "a becomes 3; 2 was reviewed" },
    ]);
    expect(deviations(reviewed, planned({ kind: "replace" }))[0]?.reason).toBe("would be replaced; changed was reviewed");
    expect(deviations(reviewed, planned({ address: "aws_vpc.other" })).map(({ reason }) => reason)).toEqual([
      "would be changed, which nobody reviewed",
      "would stay as it is; changed was reviewed",
    ]);
    expect(deviations(reviewed, aReport({ stacks: [aStack({ status: "failed", note: "no", changes: [] })] }))[0]?.reason).toBe(
      "its plan failed: no",
    );
  });

  it("may differ in ids that the stand-in made up, and in nothing else", () => {
    const rehearsed = (after: string) => planned({ differences: [difference(after)] }, "rehearsed");
    expect(deviations(rehearsed("vpc-0123456789abcdef0"), planned({ differences: [difference("vpc-aaaaaaaaaaaaaaaa1")] }))).toEqual([]);
    expect(deviations(rehearsed("10.0.0.0/16"), planned({ differences: [difference("10.1.0.0/16")] }))).toHaveLength(1);
  });
});

it("stacks are applied in levels, and removed ones go before what they read", () => {
  const stack = (name: string, after: string[], cause: "changed" | "removed" = "changed") => aStack({ name, after, cause });
  const order = deployOrder({
    stacks: [
      stack("a", []),
      stack("c", ["a", "b"]),
      stack("b", ["a"]),
      stack("d", ["a"]),
      stack("y", ["x"], "removed"),
      stack("x", [], "removed"),
    ],
  });
  expect(order).toEqual({ levels: [["a"], ["b", "d"], ["c"]], removed: ["y", "x"] });
});

it("entries about a stack whose plan failed are not called stale", () => {
  const entry = { address: "dev-network/aws_vpc.main", action: "delete" as const, why: "x" };
  expect(guard([aStack()], [entry]).stale).toEqual([{ address: entry.address, action: "delete" }]);
  expect(guard([aStack({ status: "failed", changes: [] })], [entry]).stale).toEqual([]);
});

it("a package's path says chart and version, whatever stands in them", () => {
  expect(packageAt("../../vendor/charts/kube-prometheus-stack-90.1.2-0123456789ab.tgz")).toMatchObject({
    chart: "kube-prometheus-stack",
    version: "90.1.2",
  });
  expect(packageAt("vendor/charts/cert-manager-v1.21.1-unrecorded.tgz")).toMatchObject({ chart: "cert-manager", version: "v1.21.1" });
  expect(packageAt("vendor/charts/traefik-crds-3.0.0-beta.1-0123456789ab.tgz")).toMatchObject({
    chart: "traefik-crds",
    version: "3.0.0-beta.1",
  });
  expect(packageAt("local-charts/storage")).toMatchObject({ chart: "storage", version: "" });
});
