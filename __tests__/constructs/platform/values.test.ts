import fc from "fast-check";
import { Token } from "cdktf";
import { describe, expect, it } from "vitest";
import { checkValues } from "../../../constructs/platform/values/check-values";
import { unpinnedImages } from "../../../constructs/platform/values/unpinned-images";
import { valuesText } from "../../../constructs/platform/values/values-text";

const KEYS = {
  replicas: "number",
  name: "string",
  image: { repository: "string", tag: "string" },
  labels: "map",
  args: { v: "number", "*": "any" },
  port: "number|string",
  extra: "list",
};

const check = (values: object) =>
  checkValues({ path: "values of demo", keys: KEYS, values, text: valuesText(values), chart: "demo 1.0.0" });

describe("values that a chart knows", () => {
  it("pass, whatever stands under a free key; null takes a default away", () => {
    expect(
      check({ replicas: 2, labels: { "a/b": "c" }, args: { v: 4, anything: { deep: true } }, port: "http", name: null, extra: [{ a: 1 }] }),
    ).toEqual([]);
  });

  it("are named as near to what was meant as possible", () => {
    expect(check({ replica: 2, image: { tagg: "v1" } })).toMatchObject([
      {
        path: "values of demo.replica",
        reason: 'demo 1.0.0 knows no value "replica" here, and Helm would ignore it',
        fix: expect.stringContaining('did you mean "replicas"?') as string,
      },
      { path: "values of demo.image.tagg", fix: expect.stringContaining('"tag"') as string },
    ]);
  });

  it.each([
    [{ replicas: "2" }, '"2" is a string, where demo 1.0.0 takes a number'],
    [{ image: "demo:v1" }, '"demo:v1" is a string, where demo 1.0.0 takes a map'],
    [{ labels: [] }, "[] is a list, where demo 1.0.0 takes a map"],
    [{ port: true }, "true is a boolean, where demo 1.0.0 takes a number or a string"],
  ])("have the type that it takes: %j", (values, reason) => {
    expect(check(values)).toMatchObject([{ reason }]);
  });

  it("are checked once for clusters that differ in references only, and again where they differ in more", () => {
    const reference = (name: string) => Token.asString({ ref: name });
    expect(check({ name: reference("a"), wrong: 1 })).toEqual(check({ name: reference("b"), wrong: 1 }));
    expect(check({ name: reference("a"), other: 1 })).not.toEqual(check({ name: reference("a"), wrong: 1 }));
  });
});

describe("images", () => {
  it.each([
    { image: "registry.example/demo" },
    { image: "registry.example:5000/demo" },
    { image: "demo:latest" },
    { image: { repository: "demo" } },
    { image: { repository: "demo", tag: "" } },
    { image: { tag: "latest" } },
    { initContainers: [{ image: "demo" }] },
    { sidecar: { proxyImage: { repository: "demo" } } },
  ])("without a version are found: %j", (values) => {
    expect(unpinnedImages(values)).toHaveLength(1);
  });

  it.each([
    { image: "registry.example:5000/demo:v1.2.3" },
    { image: "demo@sha256:0123" },
    { image: { repository: "demo", tag: "v1" } },
    { image: { repository: "demo", digest: "sha256:0123" } },
    // The chart's own repository and, with it, the version that the chart is locked at.
    { image: { pullPolicy: "Always" } },
  ])("at one are not: %j", (values) => {
    expect(unpinnedImages(values)).toEqual([]);
  });
});

describe("the text that Helm gets", () => {
  it("is the same whatever order keys were written in, and has no undefined ones", () => {
    expect(valuesText({ b: 1, a: { d: [{ f: 1, e: 2 }], c: undefined } })).toBe(valuesText({ a: { d: [{ e: 2, f: 1 }] }, b: 1 }));
  });

  it("keeps what looks like Terraform as text, and references as references", () => {
    const reference = Token.asString({ ref: "a" });
    expect(valuesText({ a: "${1} %{if}", b: reference })).toBe(`{"a":"$\${1} %%{if}","b":"${reference}"}`);
  });

  it("comes back as what was given", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (values) => {
        const text = valuesText(values).replaceAll("$${", "${").replaceAll("%%{", "%{");
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(values)));
      }),
    );
  });
});
