import { expect, it } from "vitest";
import { deployOrder } from "../../preview/deploy/levels";
import { packageAt } from "../../preview/charts/releases";
import { guard } from "../../preview/guard";
import { aStack } from "../support/reports";

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
