import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { allowListOf } from "../../../preview/untrusted/take-programs";
import { canonicalProgram, refusalsOf, type AllowList } from "../../../preview/untrusted/allow-list";
import { ROOT } from "../../support/checkout";
import { aFleet, resolved } from "../../support/fleets";
import { Pair, type Json } from "../../support/untrusted";

// What a pull request could put into a program, in every form in which Terraform reads blocks.

let pair: Pair;
let list: AllowList;

beforeAll(() => {
  pair = Pair.of(resolved(aFleet()));
  list = allowListOf(ROOT, pair.base);
});
afterAll(() => {
  pair.close();
});

/** How deep labels go below each kind of block. */
const LEVELS: Readonly<Record<string, number>> = { resource: 2, data: 2, provider: 1, output: 1 };

/** Writes some levels of blocks as lists, as Terraform allows; `choose` decides for each. */
function reshaped(program: Json, choose: () => boolean): unknown {
  const level = (value: unknown, labels: number): unknown => {
    const inner =
      labels > 0 && typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, level(each, labels - 1)]))
        : value;
    return !Array.isArray(inner) && choose() ? [inner] : inner;
  };
  const shaped = Object.fromEntries(
    Object.entries(program).map(([kind, value]) => [kind, kind === "//" ? value : level(value, LEVELS[kind] ?? 0)]),
  );
  return choose() ? [shaped] : shaped;
}

/** Calls that read or show what they must not, with whatever Terraform takes for white space before the parenthesis. */
const call = fc
  .tuple(
    fc.constantFrom("file", "filebase64", "fileexists", "templatefile", "nonsensitive", "timestamp", "provider::aws::x", "unheardof"),
    fc.constantFrom("", " ", "/**/", " /* a */ "),
    fc.constantFrom(
      (inner: string) => `\${${inner}}`,
      (inner: string) => `a\${ ${inner} }b`,
      (inner: string) => `%{ if ${inner} == "x" }y%{ endif }`,
      (inner: string) => `\${tolist([${inner}])[0]}`,
      (inner: string) => `\${true ? ${inner} : 1}`,
      (inner: string) => `\${{ a = ${inner} }}`,
      (inner: string) => `\${"\${${inner}}"}`,
      (inner: string) => `\${try(1, ${inner})}`,
      (inner: string) => `$\${not this}\${-${inner}}`,
    ),
  )
  .map(([name, space, around]) => around(`${name}${space}("x")`));

/** What to put where: kinds of places, and parts that are not on the list. */
const hostile: fc.Arbitrary<(program: Json, resource: Json) => void> = fc.oneof(
  fc
    .constantFrom("provisioner", "connection", "count", "for_each", "dynamic", "postrender", "no_such_argument")
    .map((name) => (_: Json, resource: Json) => void (resource[name] = { a: "b" })),
  call.map((text) => (_: Json, resource: Json) => void (resource["tags"] = { [text]: "key" })),
  call.map((text) => (_: Json, resource: Json) => void (resource["description"] = [{ deep: { deeper: [text] } }])),
  call.map((text) => (program: Json) => void (program["output"] = { ...(program["output"] as Json), x: { value: text } })),
  fc
    .constantFrom("module", "ephemeral", "action", "list", "locals", "variable", "check", "surprise")
    .map((kind) => (program: Json) => void (program[kind] = { x: { y: { source: "./z" } } })),
  fc
    .constantFrom("external", "http", "terraform_data", "aws_secretsmanager_secret_version", "local_file", "__proto__", "constructor")
    .map(
      (type) => (program: Json) =>
        void (program["resource"] = Object.fromEntries([...Object.entries(program["resource"] as Json), [type, { x: { a: "b" } }]])),
    ),
  fc
    .constantFrom("profile", "shared_config_files", "endpoints", "access_key", "http_proxy", "custom_ca_bundle", "host", "exec", "x")
    .map((name) => (program: Json) => void (program["provider"] = { aws: [{ region: "eu-west-1", [name]: "x" }] })),
  fc
    .constantFrom({ source: "attacker/aws", version: "6.25.0" }, { source: "aws", version: "6.24.0" }, ">= 1", {
      source: "../aws",
      version: "1",
    })
    .map((wanted) => (program: Json) => void ((program["terraform"] as Json)["required_providers"] = { aws: wanted })),
  fc
    .constantFrom({ http: {} }, { s3: { bucket: "x" } }, { local: { path: "/tmp/x" } }, { local: {}, s3: {} })
    .map((backend) => (program: Json) => void ((program["terraform"] as Json)["backend"] = backend)),
);

const shape = fc.infiniteStream(fc.boolean());

it("a program of ours is allowed in every form that Terraform reads, and comes out in one", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...pair.stacks), shape, async ({ name, resources, json }, choices) => {
      const program = reshaped(json as Json, () => choices.next().value === true);
      expect(await refusalsOf(name, program, list)).toEqual([]);
      const { resource = {} } = canonicalProgram(program) as { readonly resource?: Json };
      expect(Object.entries(resource).flatMap(([type, byName]) => Object.keys(byName as Json).map((each) => `${type}.${each}`))).toEqual(
        resources.map(({ address }) => address),
      );
    }),
    { numRuns: 60 },
  );
});

it("a program with a block, type, function or argument off the list is refused in every form", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...pair.stacks), fc.nat(), hostile, shape, async ({ name, json }, at, put, choices) => {
      const program = structuredClone(json) as Json;
      const bodies = Object.values(program["resource"] as Record<string, Record<string, Json>>).flatMap((byName) => Object.values(byName));
      const body = bodies[at % bodies.length];
      if (!body) throw new Error("Every stack has a resource.");
      put(program, body);
      expect(
        await refusalsOf(
          name,
          reshaped(program, () => choices.next().value === true),
          list,
        ),
      ).not.toEqual([]);
    }),
    { numRuns: 300 },
  );
});
