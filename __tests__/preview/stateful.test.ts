import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import facts from "../../facts/stateful-types.json";
import { lossOf, lossReason, UNCLASSIFIED } from "../../preview/plans/stateful";
import type { Action, ResourceChange } from "../../terraform/plan-json";
import { ROOT } from "../support/checkout";

const stateful = Object.keys(facts.types);
const stateless = facts.stateless.flatMap(({ types }) => types);

const GROUP = {
  cluster_name: "production-blue",
  subnet_ids: ["subnet-a"],
  labels: { "drydock.dev/group": "general" },
  taint: [{ key: "spot", value: null, effect: "NO_SCHEDULE" }],
};

function planned(after: Readonly<Record<string, unknown>> | null, actions: readonly Action[] = ["create"]): ResourceChange {
  return {
    address: "aws_eks_node_group.new",
    mode: "managed",
    type: "aws_eks_node_group",
    name: "new",
    change: { actions, before: null, after },
  };
}

describe("the lists of types", () => {
  it("follow their schema", () => {
    const schema = JSON.parse(readFileSync(join(ROOT, "facts", "schema", "stateful-types.schema.json"), "utf8")) as object;
    const validate = addFormats(new Ajv({ allErrors: true })).compile(schema);
    expect(validate(facts), JSON.stringify(validate.errors)).toBe(true);
  });

  it("classify every type with facts", () => {
    const withFacts = readdirSync(join(ROOT, "facts", "providers"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".json") && !file.includes("data."))
      .map((file) => file.replace(/^.*\/|\.json$/g, ""));
    expect(withFacts.length).toBeGreaterThan(40);
    expect(withFacts.filter((type) => !stateful.includes(type) && !stateless.includes(type))).toEqual([]);
  });

  it("name no type twice", () => {
    const all = [...stateful, ...stateless];
    expect(all.filter((type, index) => all.indexOf(type) !== index)).toEqual([]);
  });

  it("name only types that the pinned providers have", () => {
    const isKnown = (type: string) => {
      const [provider = "", ...name] = type.split("_");
      const module = join(ROOT, "node_modules", "@cdktf", `provider-${provider}`, "lib", name.join("-"), "index.d.ts");
      return existsSync(module) && readFileSync(module, "utf8").includes(`tfResourceType = "${type}"`);
    };
    expect([...stateful, ...stateless].filter((type) => !isKnown(type))).toEqual([]);
  });
});

describe("what is lost", () => {
  it.each([
    ["aws_dynamodb_table", "its data"],
    ["aws_s3_bucket", "its objects"],
    ["aws_cloudwatch_log_group", "its log events"],
    ["aws_cognito_user_pool", "its users, with their passwords"],
    ["aws_eip", "its address, which others may allow"],
    ["helm_release", "everything that the chart installed: volumes, and definitions with all their objects"],
    ["kubernetes_namespace", "everything in the namespace, volumes too"],
    ["kubernetes_namespace_v1", "everything in the namespace, volumes too"],
    ["kubernetes_persistent_volume_claim", "its volume"],
  ])("with %s is %s", (type, loss) => {
    expect(lossOf(type, {})).toBe(loss);
    expect(lossReason(loss)).toBe(`lost with it: ${loss}`);
  });

  it.each([
    "aws_iam_role",
    "aws_route_table",
    "aws_lb_listener",
    "aws_s3_bucket_policy",
    "kubernetes_deployment_v1",
    "kubernetes_config_map",
  ])("with %s is nothing", (type) => {
    expect(lossOf(type, {})).toBeUndefined();
  });

  it("with a type that nobody has classified is unknown, and says what to do", () => {
    const known = new Set([...stateful, ...stateless]);
    const anyType = fc.stringMatching(/^[a-z]{1,8}_[a-z_]{1,20}$/).filter((type) => !known.has(type));
    fc.assert(
      fc.property(fc.oneof(anyType, fc.constantFrom("toString", "constructor", "__proto__", "google_sql_database")), (type) => {
        expect(lossOf(type, {})).toBe(UNCLASSIFIED);
      }),
    );
    expect(lossReason(UNCLASSIFIED)).toBe(
      "nobody has classified this type yet, so it counts as stateful; add it to facts/stateful-types.json",
    );
  });
});

describe("a node group", () => {
  const lost = "the only nodes of their zone: volumes in it can be attached nowhere else";

  it("of one zone is a loss, of several is none", () => {
    expect(lossOf("aws_eks_node_group", GROUP)).toBe(lost);
    expect(lossOf("aws_eks_node_group", { ...GROUP, subnet_ids: ["subnet-a", "subnet-b"] })).toBeUndefined();
  });

  it("whose subnets nobody knows is a loss, whatever the plan creates", () => {
    expect(lossOf("aws_eks_node_group", { ...GROUP, subnet_ids: undefined }, [planned({ ...GROUP, subnet_ids: [] })])).toBe(lost);
  });

  it("is no loss when the plan creates one in the same subnet for the same pods", () => {
    expect(lossOf("aws_eks_node_group", GROUP, [planned(GROUP)])).toBeUndefined();
    const wider = { ...GROUP, labels: { ...GROUP.labels, size: "large" }, taint: [], subnet_ids: ["subnet-a", "subnet-a"] };
    expect(lossOf("aws_eks_node_group", GROUP, [planned(wider)])).toBeUndefined();
  });

  it.each([
    ["stands in another subnet", planned({ ...GROUP, subnet_ids: ["subnet-b"] })],
    ["stands in more than that subnet, and may have no node in it", planned({ ...GROUP, subnet_ids: ["subnet-a", "subnet-b"] })],
    ["has a subnet that is known only after the apply", planned({ ...GROUP, subnet_ids: undefined })],
    ["has one known subnet and one that is known only after the apply", planned({ ...GROUP, subnet_ids: ["subnet-a", null] })],
    ["belongs to another cluster", planned({ ...GROUP, cluster_name: "production-green" })],
    ["belongs to a cluster whose name is known only after the apply", planned({ ...GROUP, cluster_name: undefined })],
    ["lacks a label that pods choose it by", planned({ ...GROUP, labels: null })],
    ["has a taint that its pods need not tolerate", planned({ ...GROUP, taint: [{ key: "gpu", value: "yes", effect: "NO_SCHEDULE" }] })],
    ["is replaced itself", planned(GROUP, ["delete", "create"])],
    ["stood there before", planned(GROUP, ["no-op"])],
    ["goes too", planned(null, ["delete"])],
    ["is no node group", { ...planned(GROUP), type: "aws_eks_fargate_profile" }],
  ])("is a loss when the other one %s", (_, other) => {
    expect(lossOf("aws_eks_node_group", GROUP, [other])).toBe(lost);
  });
});
