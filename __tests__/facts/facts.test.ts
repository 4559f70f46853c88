import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { ROOT } from "../support/checkout";

const read = (...path: string[]) => JSON.parse(readFileSync(join(ROOT, ...path), "utf8")) as Record<string, unknown>;
const factFiles = readdirSync(join(ROOT, "facts", "providers"), { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".json"),
);
const ajv = addFormats(new Ajv({ allErrors: true, allowUnionTypes: true }));
const schemas: Record<string, ReturnType<typeof ajv.compile>> = {};

/** Checks a data file against the schema that it names itself. */
function expectValid(...path: string[]): void {
  const data = read(...path);
  const schema = join(...path, "..", String(data["$schema"]));
  const validate = (schemas[schema] ??= ajv.compile(read(schema)));
  expect(validate(data), `${path.join("/")}: ${ajv.errorsText(validate.errors)}`).toBe(true);
}

describe("data files follow the schema they name", () => {
  it.each(readdirSync(join(ROOT, "facts")).filter((file) => file.endsWith(".json")))("facts/%s", (file) => {
    expectValid("facts", file);
  });

  it.each(readdirSync(join(ROOT, "facts", "charts")))("facts/charts/%s", (file) => {
    expectValid("facts", "charts", file);
  });

  it("versions.json", () => {
    expectValid("versions.json");
  });

  it.each(factFiles)("facts/providers/%s", (file) => {
    expectValid("facts", "providers", file);
  });
});

it("the values that each locked chart knows are those of its locked version", () => {
  const { charts } = read("charts.lock.json") as { charts: Record<string, { version: string }> };
  const known = readdirSync(join(ROOT, "facts", "charts")).map((file) => read("facts", "charts", file));
  expect(Object.fromEntries(known.map(({ chart, version }) => [chart, version]))).toEqual(
    Object.fromEntries(Object.entries(charts).map(([name, { version }]) => [name, version])),
  );
});

it("every resource and data type of the example's programs has facts, of the provider version that is pinned", () => {
  const programs = readdirSync(join(ROOT, "__tests__", "golden")).filter((file) => file.endsWith(".tf.json"));
  const golden = programs.map(
    (file) =>
      read("__tests__", "golden", file) as {
        resource?: object;
        data?: object;
        terraform: { required_providers: Record<string, { version: string }> };
      },
  );
  const resources = new Set(golden.flatMap(({ resource }) => Object.keys(resource ?? {})));
  const data = new Set(
    golden.flatMap(({ data: sources }) => Object.keys(sources ?? {})).filter((type) => type !== "terraform_remote_state"),
  );
  const needed = [
    ...[...resources].map((type) => `${type.split("_")[0]}/${type}.json`),
    ...[...data].map((type) => `${type.split("_")[0]}/data.${type}.json`),
  ];
  expect(needed.length).toBeGreaterThan(40);
  expect(needed.filter((file) => !factFiles.includes(file))).toEqual([]);

  const pinned = Object.assign({}, ...golden.map(({ terraform }) => terraform.required_providers)) as Record<string, { version: string }>;
  for (const file of needed) {
    const [provider = ""] = file.split("/");
    expect(read("facts", "providers", file)["provider"]).toBe(`hashicorp/${provider} ${pinned[provider]?.version}`);
  }
});
