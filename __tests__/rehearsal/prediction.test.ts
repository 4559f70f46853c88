import { describe, expect, it } from "vitest";
import { Facts } from "../../rehearsal/facts";
import { NO_TIME, predict, predictStacks } from "../../rehearsal/prediction";
import { ROOT } from "../support/checkout";

const facts = new Facts(ROOT);
const create = (address: string) => ({ address, type: address.split(".")[0] ?? "", operations: ["create"] as const });

describe("a prediction", () => {
  it("follows the longest way through the graph, not the sum of everything", () => {
    const changes = ["aws_eks_cluster.main", "aws_eks_node_group.a", "aws_eks_node_group.b", "aws_lb.main"].map(create);
    const graph = new Map([
      ["aws_eks_node_group.a", ["aws_eks_cluster.main"]],
      ["aws_eks_node_group.b", ["aws_eks_cluster.main"]],
    ]);
    const { median, p90, path } = predict(changes, graph, facts);
    expect(path.map(({ address }) => address)).toEqual(["aws_eks_cluster.main", "aws_eks_node_group.a"]);
    // Medians of the observed samples: 9m22s and 1m48s.
    expect(median).toBe(562 + 108);
    expect(p90).toBe(646 + 179);
  });

  it("is marked as an estimate where nothing was observed, and then half as much again for the 90th percentile", () => {
    const { median, p90, path } = predict([create("aws_vpc_endpoint.s3")], new Map(), facts);
    expect([median, p90]).toEqual([60, 90]);
    expect(path).toEqual([{ address: "aws_vpc_endpoint.s3", seconds: 60, basis: "estimate" }]);
  });

  it("counts only what changes on the way", () => {
    const graph = new Map([["aws_eks_node_group.a", ["aws_eks_cluster.main"]]]);
    expect(predict([create("aws_eks_node_group.a")], graph, facts).path).toHaveLength(1);
    expect(predict([], graph, facts)).toEqual(NO_TIME);
  });

  it("of stacks adds up along their graph", () => {
    const of = (median: number) => ({
      median,
      p90: median * 2,
      path: [{ address: `x${median}`, seconds: median, basis: "estimate" as const }],
    });
    const result = predictStacks(
      new Map([
        ["a", of(5)],
        ["b", of(10)],
        ["c", of(1)],
      ]),
      new Map([["c", ["a", "b"]]]),
    );
    expect(result.median).toBe(11);
    expect(result.path.map(({ address }) => address)).toEqual(["b: x10", "c: x1"]);
  });
});
