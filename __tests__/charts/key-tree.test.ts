import { describe, expect, it } from "vitest";
import { deriveKeyTree } from "../../charts/key-tree";

/** A package of one chart: its files by path within it. */
function treeOf(files: Readonly<Record<string, string>>) {
  const all = { "Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", ...files };
  return deriveKeyTree(
    Object.entries(all).map(([name, content]) => ({ name: `c/${name}`, content })),
    "c",
  );
}

/** A tree without what Helm hands to every chart. */
const without = (tree: object) => Object.fromEntries(Object.entries(tree).filter(([key]) => key !== "global"));

describe("default values", () => {
  it("give names and types; a null says nothing and an empty map takes any key", () => {
    const values = "a: text\nb: 1\nc: true\nd: []\ne: {}\nf: null\ng: { h: 2.5 }\n";
    expect(without(treeOf({ "values.yaml": values }))).toEqual({
      a: "string",
      b: "number",
      c: "boolean",
      d: "list",
      e: "map",
      f: "any",
      g: { h: "number" },
    });
  });

  it("leave labels and annotations open, whatever example they come with", () => {
    expect(without(treeOf({ "values.yaml": "nodeSelector:\n  kubernetes.io/os: linux\n" }))).toEqual({ nodeSelector: "map" });
  });
});

describe("the values schema", () => {
  it("adds keys and types, follows references, and joins alternatives", () => {
    const schema = {
      properties: {
        port: { oneOf: [{ type: "integer" }, { type: ["string", "null"] }] },
        log: { $ref: "#/$defs/log" },
        extra: { type: "object" },
      },
      $defs: { log: { type: "object", properties: { level: { type: "string" } } } },
    };
    const tree = treeOf({ "values.yaml": "port: 80\n", "values.schema.json": JSON.stringify(schema) });
    expect(without(tree)).toEqual({ port: "number|string", log: { level: "string" }, extra: "map" });
  });

  it("that contains itself ends somewhere", () => {
    const schema = { properties: { node: { $ref: "#/$defs/node" } }, $defs: { node: { properties: { child: { $ref: "#/$defs/node" } } } } };
    expect(without(treeOf({ "values.schema.json": JSON.stringify(schema) }))).toEqual({ node: { child: "any" } });
  });
});

describe("templates", () => {
  const opened = (template: string, values = "a: { b: 1 }\n") => without(treeOf({ "values.yaml": values, "templates/t.yaml": template }));

  it("know keys that the defaults leave out", () => {
    expect(opened("{{ if .Values.a.hidden }}{{ $.Values.other }}{{ end }}")).toEqual({ a: { b: "number", hidden: "any" }, other: "any" });
    expect(opened(`{{ dig "x" "y" "" .Values.a }}`)).toEqual({ a: { b: "number", x: { y: "any" } } });
  });

  it.each([
    "{{ toYaml .Values.a | nindent 2 }}",
    "{{- with .Values.a }}\n{{- toYaml . | nindent 8 }}\n{{- end }}",
    "{{- with $.Values.a }}{{ tpl (. | toYaml) $ }}{{ end }}",
    "{{- range $key, $value := .Values.a }}{{ $key }}{{ end }}",
    `{{ omit .Values.a "b" | toYaml }}`,
    `{{ include "c.convertMapToCsv" .Values.a }}`,
    "{{- $v := mustMergeOverwrite .Values.a (dict) }}{{ toYaml $v.inner }}",
  ])("open what they hand on as a whole: %s", (template) => {
    const { a } = opened(template, "a: { b: 1, inner: { c: 1 } }\n") as { a: { inner: object; "*"?: string } };
    expect(template.includes("$v.inner") ? a.inner : a).toHaveProperty("*", "any");
  });

  it.each(["{{ .Values.a.b }}", "{{- with .Values.a }}{{ .b }}{{ end }}{{ toYaml .Values.c }}", `{{ omit .Values.a "b" }}`])(
    "do not open what they only look into: %s",
    (template) => {
      expect(opened(template)).toMatchObject({ a: { b: "number" } });
      expect((opened(template) as { a: object }).a).not.toHaveProperty("*");
    },
  );

  it("within default values count too", () => {
    const values = "config: |\n  {{- with .Values.limits }}\n  {{- toYaml . }}\n  {{- end }}\nlimits: { rate: 1 }\n";
    expect(without(treeOf({ "values.yaml": values }))).toMatchObject({ limits: { rate: "number", "*": "any" } });
  });

  it("that ask for text admit text", () => {
    expect(opened(`{{ if kindIs "string" .Values.a }}{{ end }}`, "a: {}\n")).toEqual({ a: "map|string" });
  });
});

it("subcharts keep their values under their name or alias, behind their switch", () => {
  const tree = treeOf({
    "Chart.yaml": "name: c\nversion: 1.0.0\ndependencies:\n  - { name: sub, alias: other, condition: other.enabled }\n",
    "values.yaml": "other: { size: 2 }\n",
    "charts/sub/Chart.yaml": "name: sub\nversion: 1.0.0\n",
    "charts/sub/values.yaml": "size: 1\ncolour: blue\n",
  });
  expect(tree).toMatchObject({ other: { size: "number", colour: "string", enabled: "boolean" }, global: { "*": "any" } });
});
