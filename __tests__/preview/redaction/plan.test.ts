import { describe, expect, it } from "vitest";
import { collectPlan, withTypeMasks } from "../../../preview/redaction/plan";
import { Secrets } from "../../../preview/redaction/secrets";

const SECRET = "vK3mQ8xR2p";

/** What a plan's secrets leave of a text. */
function redacted(text: string, parts: object): string {
  const secrets = new Secrets();
  collectPlan(secrets, { format_version: "1.2", terraform_version: "1.11.4", ...parts });
  return secrets.redact(text);
}

describe("a secret that a plan holds", () => {
  const managed = { address: "x.y", mode: "managed", type: "aws_x", name: "y" };
  it.each([
    [
      "a change",
      {
        resource_changes: [
          { ...managed, change: { actions: ["create"], before: null, after: { a: SECRET }, after_sensitive: { a: true } } },
        ],
      },
    ],
    [
      "what was before",
      {
        resource_changes: [
          { ...managed, change: { actions: ["delete"], before: { a: SECRET }, after: null, before_sensitive: { a: true } } },
        ],
      },
    ],
    [
      "drift",
      {
        resource_drift: [{ ...managed, change: { actions: ["update"], before: { a: SECRET }, after: {}, before_sensitive: { a: true } } }],
      },
    ],
    [
      "a Secret that the provider does not mask",
      {
        resource_changes: [
          { ...managed, type: "kubernetes_secret_v1", change: { actions: ["create"], before: null, after: { data: { any: SECRET } } } },
        ],
      },
    ],
    [
      "an output",
      { output_changes: { x: { actions: ["create"], before: null, after: SECRET, before_sensitive: false, after_sensitive: true } } },
    ],
    ["an output by its name", { output_changes: { db_password: { actions: ["update"], before: SECRET, after: "x" } } }],
    [
      "an object that is an output",
      { output_changes: { x: { actions: ["create"], after: { a: [SECRET] }, after_sensitive: { a: [true] } } } },
    ],
    ["an output of before", { prior_state: { values: { outputs: { x: { value: SECRET, sensitive: true } } } } }],
    [
      "data",
      {
        prior_state: {
          values: { root_module: { resources: [{ ...managed, mode: "data", values: { s: SECRET }, sensitive_values: { s: true } }] } },
        },
      },
    ],
    [
      "a module",
      {
        prior_state: {
          values: {
            root_module: { child_modules: [{ resources: [{ ...managed, values: { s: SECRET }, sensitive_values: { s: true } }] }] },
          },
        },
      },
    ],
    [
      "what is planned",
      { planned_values: { root_module: { resources: [{ ...managed, values: { s: SECRET }, sensitive_values: { s: true } }] } } },
    ],
    ["a variable", { variables: { x: { value: SECRET } }, configuration: { root_module: { variables: { x: { sensitive: true } } } } }],
    ["a provider", { configuration: { provider_config: { x: { expressions: { api_key: { constant_value: SECRET } } } } } }],
  ])("in %s is hidden wherever it turns up", (_, parts) => {
    const text = `x["${SECRET}"] ${SECRET}/a Error: master password ${SECRET} is too short`;
    expect(redacted(text, parts)).toBe('x["(sensitive)"] (sensitive)/a Error: master password (sensitive) is too short');
    expect(redacted(text, {})).toBe(text);
  });

  it("as a number is hidden, too, but not within another number", () => {
    const change = { actions: ["create"], before: null, after: { pin: 481516 }, after_sensitive: { pin: true } };
    expect(redacted("pin 481516, id 14815162", { resource_changes: [{ ...managed, change }] })).toBe("pin (sensitive), id 14815162");
  });

  it("is masked by the type of its resource", () => {
    const change = { actions: ["update"] as const, before: { data: { a: "x" } }, after: { data: { a: "y" }, type: "Opaque" } };
    expect(withTypeMasks("kubernetes_secret", change)).toMatchObject({ before_sensitive: { data: true }, after_sensitive: { data: true } });
    expect(withTypeMasks("kubernetes_config_map", change)).toBe(change);
  });
});

it("a last look hides what is left in a report, and keeps the program's own words", () => {
  const secrets = new Secrets();
  secrets.add("stateful-x");
  const report = { kind: "stateful-x", texts: ["a stateful-x b"], "stateful-x": { n: 1 } };
  expect(secrets.redactWithin(report, new Set(["kind"]))).toEqual({
    kind: "stateful-x",
    texts: ["a (sensitive) b"],
    "(sensitive)": { n: 1 },
  });
});
