import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ProgramsRefused } from "../../../preview/untrusted/refused";
import { declaredBackend } from "../../../stacks/backend";
import { readProgram } from "../../../terraform/program";
import { ROOT } from "../../support/checkout";
import { aFleet, resolved } from "../../support/fleets";
import { Pair, type Json } from "../../support/untrusted";

const STACK = "dev-data";
const PLATFORM = "dev-blue-platform";

let pair: Pair;

beforeAll(() => {
  const fleet = resolved(aFleet({ state: { kind: "s3" } }));
  pair = Pair.of(fleet, declaredBackend(fleet, { relativePath: (id) => id }));
});
afterEach(() => {
  pair.reset();
});
afterAll(() => {
  pair.close();
});

/** The command with which a provider gets its token. */
function execOf(body: Json): Json {
  const [exec = {}] = body["exec"] as readonly Json[];
  return exec;
}

/** Adds parts to a stack's program, as deep as blocks go. */
function merged(program: Json, parts: Json): Json {
  return Object.fromEntries(
    [...new Set([...Object.keys(program), ...Object.keys(parts)])].map((key) => {
      const [a, b] = [program[key], parts[key]];
      const both = [a, b].every((side) => typeof side === "object" && side !== null && !Array.isArray(side));
      return [key, both ? merged(a as Json, b as Json) : key in parts ? b : a];
    }),
  );
}

async function refusals(stack: string, program: unknown): Promise<readonly string[]> {
  pair.write(stack, program);
  const error = await pair.take().then(
    () => undefined,
    (thrown: unknown) => {
      if (thrown instanceof ProgramsRefused) return thrown;
      throw thrown;
    },
  );
  expect(existsSync(pair.taken), "nothing is written unless everything is allowed").toBe(error === undefined);
  if (error === undefined) return [];
  expect(error.exitCode).toBe(2);
  return error.refusals.map(({ stack: where, path, reason }) => `${where}: ${path} ${reason}`);
}

const withParts = (parts: Json, stack = STACK): Promise<readonly string[]> => refusals(stack, merged(pair.program(stack), parts));

describe("programs of a pull request, where there are credentials", () => {
  it("are taken whole when they are what Drydock writes", async () => {
    await pair.take();
    const taken = readProgram(pair.taken);
    expect(taken.map(({ name }) => name)).toEqual(pair.stacks.map(({ name }) => name));
    for (const { name, resources, dependencies } of taken) {
      expect(resources).toEqual(pair.stacks.find((stack) => stack.name === name)?.resources);
      expect(dependencies).toEqual(pair.stacks.find((stack) => stack.name === name)?.dependencies);
    }
  });

  it("get a lock of exactly the providers that each requires", async () => {
    await pair.take();
    const lock = (stack: string): string => readFileSync(join(pair.taken, "stacks", stack, ".terraform.lock.hcl"), "utf8");
    expect([...lock(STACK).matchAll(/^provider "([^"]+)"/gm)].map(([, name]) => name)).toEqual(["registry.terraform.io/hashicorp/aws"]);
    expect([...lock(PLATFORM).matchAll(/^provider/gm)]).toHaveLength(3);
    expect(lock(STACK)).toContain("zh:");
  });

  it.each<[string, Json]>([
    [
      "data.terraform_remote_state.r reads a state",
      {
        data: {
          terraform_remote_state: {
            r: { backend: "s3", config: { bucket: "b", key: "k", region: "eu-west-1", shared_config_files: ["x.ini"], profile: "p" } },
          },
        },
      },
    ],
    [
      "terraform.required_providers.aws calls",
      { terraform: { required_providers: { aws: { source: "hashicorp/helm", version: "3.1.1" } } } },
    ],
    [
      "terraform.required_providers.aws wants",
      { terraform: { required_providers: { aws: { source: "attacker/aws", version: "6.25.0" } } } },
    ],
    [
      "terraform.required_providers.aws wants",
      { terraform: { required_providers: { aws: { source: "example.org/hashicorp/aws", version: "6.25.0" } } } },
    ],
    ["terraform.required_providers.aws wants", { terraform: { required_providers: { aws: { source: "aws", version: ">= 5" } } } }],
    ["terraform.required_providers.aws does not name", { terraform: { required_providers: { aws: ">= 5" } } }],
    [
      "terraform.required_providers.aws does not name",
      { terraform: { required_providers: { aws: { source: "aws", version: "6.25.0", configuration_aliases: ["aws.x"] } } } },
    ],
    ["calls file()", { resource: { aws_sns_topic: { x: { name: '${file/**/("/etc/hostname")}' } } } }],
    ["calls file()", { resource: { aws_sns_topic: { x: { name: '%{ if file("/etc/hostname") != "" }a%{ endif }' } } } }],
    ["calls file()", { resource: { aws_sns_topic: { x: { name: '${"${file("x")}"}' } } } }],
    ["calls file()", { resource: { aws_sns_topic: { x: { tags: { '${file("x")}': "a" } } } } }],
    ["calls file()", { output: { x: { value: { deep: ['${file("x")}'] } } } }],
    ["calls templatefile()", { resource: { aws_sns_topic: { x: { name: '${base64encode(templatefile("/etc/passwd", {}))}' } } } }],
    ["calls nonsensitive()", { output: { x: { value: "${nonsensitive(aws_kms_key.x.id)}" } } }],
    ["calls provider::aws::arn_parse()", { output: { x: { value: '${provider::aws::arn_parse("x")}' } } }],
    ["holds a loop", { output: { x: { value: "${[for x in [1] : x]}" } } }],
    ["holds a loop", { output: { x: { value: "%{ for x in [1] }a%{ endfor }" } } }],
    ["refers to path", { output: { x: { value: "${path.cwd}" } } }],
    ["cannot read", { output: { x: { value: "${" } } }],
    ["a type without facts", { resource: { terraform_data: { x: { input: 1 } } } }],
    ["a type without facts", { resource: { "../../x": { x: { input: 1 } } } }],
    ["a type without facts", { data: { external: { x: { program: ["sh"] } } } }],
    ["a type without facts", { data: { aws_secretsmanager_secret_version: { x: { secret_id: "x" } } } }],
    ["is a provisioner", { resource: { aws_sns_topic: { x: { provisioner: [{ "local-exec": { command: "true" } }] } } } }],
    ["is a provisioner", { resource: { aws_sns_topic: { x: [{ provisioner: [{ "local-exec": [{ command: "true" }] }] }] } } }],
    ["is a provisioner", { resource: { aws_sns_topic: [{ x: [{ name: "a" }, { provisioner: {} }] }] } }],
    ["is declared twice", { resource: { aws_sns_topic: [{ x: { name: "a" } }, { x: { name: "b" } }] } }],
    ["is a connection", { resource: { aws_sns_topic: { x: { connection: { host: "x" } } } } }],
    ["aws_sns_topic.x.count is an argument", { resource: { aws_sns_topic: { x: { count: 2 } } } }],
    ["aws_sns_topic.x.dynamic is an argument", { resource: { aws_sns_topic: { x: { dynamic: {} } } } }],
    ["lifecycle.postcondition", { resource: { aws_sns_topic: { x: { lifecycle: { postcondition: [] } } } } }],
    ["rule.dynamic is an argument", { resource: { aws_s3_bucket_lifecycle_configuration: { x: { rule: [{ dynamic: {} }] } } } }],
    ["loads a module", { module: { x: { source: "./x" } } }],
    ["is an ephemeral resource", { ephemeral: { aws_secretsmanager_secret_version: { x: {} } } }],
    ["is an action", { action: { aws_lambda_invoke: { x: {} } } }],
    ["locals is a kind of block", { locals: { x: 1 } }],
    ["surprise is a kind of block", { surprise: { x: 1 } }],
    ["takes over an object", { import: [{ to: "aws_sns_topic.x", id: "arn:aws:sns:eu-west-1:111122223333:theirs" }] }],
    ["removed.provisioner", { removed: [{ from: "aws_sns_topic.x", provisioner: {} }] }],
    ["terraform.backend keeps state elsewhere", { terraform: { backend: { s3: { bucket: "mine" } } } }],
    ["terraform.backend keeps state elsewhere", { terraform: { backend: { s3: { shared_config_files: ["x"] } } } }],
    ["terraform.backend keeps state elsewhere", { terraform: { backend: { s3: { key: "tiny/dev-network.tfstate" } } } }],
    ["terraform.backend keeps state elsewhere", { terraform: { backend: { http: { address: "https://example.org" } } } }],
    ["terraform.backend keeps state elsewhere", { terraform: { cloud: { organization: "mine" } } }],
    ["terraform.experiments", { terraform: { experiments: ["x"] } }],
    ["provider.aws.endpoints", { provider: { aws: [{ region: "eu-west-1", endpoints: [{ s3: "https://example.org" }] }] } }],
    ["provider.aws.profile", { provider: { aws: [{ region: "eu-west-1", profile: "p", shared_config_files: ["x"] }] } }],
    ["provider.aws.region is not", { provider: { aws: { region: "x.example.org/" } } }],
    [
      "which no stack of the base does",
      { provider: { aws: [{ region: "eu-west-1", assume_role: [{ role_arn: "arn:aws:iam::9:role/x" }] }] } },
    ],
    ["has other arguments than role_arn", { provider: { aws: [{ region: "eu-west-1", assume_role: [{ role_arn: "x", policy: "x" }] }] } }],
    ["configures a provider that Drydock never", { provider: { external: {} } }],
    ["required_providers is not written as a block", { terraform: { required_providers: null } }],
    ["constructor is a kind of block", { constructor: { x: 1 } }],
    ["lifecycle is not written as a block", { resource: { aws_sns_topic: { x: { lifecycle: [[{ precondition: [] }]] } } } }],
    [
      "block_device_mappings is not written as a block",
      { resource: { aws_launch_template: { x: { block_device_mappings: [[{ dynamic: { ebs: {} } }]] } } } },
    ],
    [
      "holds something else than its name says",
      { output: { "cross-stack-output-aws_eks_clusterxendpoint": { value: "https://example.org" } } },
    ],
    [
      "holds something else than its name says",
      { output: { "cross-stack-output-aws_eks_clusterxendpoint": { value: "${aws_sns_topic.x.arn}" } } },
    ],
    ["terraform.backend keeps state elsewhere", { terraform: { backend: { s3: { key: "tiny/<stack>.tfstate" } } } }],
    ["nests its expressions more than", { output: { x: { value: `\${${"(".repeat(100)}1${")".repeat(100)}}` } } }],
    ["nests its expressions more than", { output: { x: { value: `\${${'("}"+'.repeat(100)}1${")".repeat(100)}}` } } }],
  ])("are refused: %s", async (words, parts) => {
    expect(await withParts(parts)).toContainEqual(expect.stringContaining(words));
  });

  it("are refused when a list at the top hides a second program", async () => {
    const program = pair.program(STACK);
    const found = await refusals(STACK, [program, { module: { x: { source: "./x" } } }]);
    expect(found).toContainEqual(expect.stringContaining("loads a module"));
  });

  it("are refused when they read another state than the base's, also by the name of one", async () => {
    const program = pair.program("dev-traffic");
    const states = (program["data"] as Record<string, Record<string, Json>>)["terraform_remote_state"] ?? {};
    const [name = "", state = {}] = Object.entries(states)[0] ?? [];
    for (const config of [
      { ...(state["config"] as Json), key: "other-team/terraform.tfstate" },
      { ...(state["config"] as Json), endpoint: "https://example.org" },
      { bucket: "tiny-state-111122223333" },
      { bucket: "tiny-state-111122223333", key: (state["config"] as Json)["key"] },
    ]) {
      const changed = merged(program, { data: { terraform_remote_state: { [name]: { config } } } });
      ((changed["data"] as Record<string, Record<string, Json>>)["terraform_remote_state"] ?? {})[name] = { ...state, config };
      expect(await refusals("dev-traffic", changed)).toContainEqual(expect.stringContaining("reads a state that is none of the base's"));
    }
  });

  it("are refused when they read what another stack keeps to itself, or everything that it has", async () => {
    const name = "cross-stack-reference-input-dev-network";
    const reading = (reference: string) => {
      pair.reset();
      return refusals("dev-traffic", merged(pair.program("dev-traffic"), { output: { x: { value: reference } } }));
    };
    const open = "cross-stack-output-aws_vpcvpc_6776A399id";
    expect(await reading(`\${data.terraform_remote_state.${name}.outputs.${open}}`)).toEqual([]);
    expect(await reading(`\${data.terraform_remote_state.${name}.outputs}`)).toContainEqual(
      expect.stringContaining("reads a state as a whole"),
    );
    expect(await reading(`\${data.terraform_remote_state.${name}}`)).toContainEqual(expect.stringContaining("reads a state as a whole"));
    expect(await reading("${data.terraform_remote_state}")).toContainEqual(expect.stringContaining("refers to all data at once"));
    expect(await reading(`\${data.terraform_remote_state["${name}"].outputs["password"]}`)).toContainEqual(
      expect.stringContaining("reads password of another stack"),
    );
    const foreign = {
      backend: "s3",
      config: { bucket: "tiny-state-111122223333", key: "tiny/other.tfstate", region: "eu-west-1" },
      workspace: "${terraform.workspace}",
    };
    const found = await withParts({ data: { terraform_remote_state: { "cross-stack-reference-input-other": foreign } } });
    expect(found).toContainEqual(expect.stringContaining("reads a state that is none of the base's"));
  });

  it("are refused, and quickly, when they are many, wide or hidden in lists", async () => {
    expect(await refusals(STACK, [pair.program(STACK), ...Array.from({ length: 30_000 }, () => ({ moved: {} }))])).toContainEqual(
      expect.stringContaining("more than 20000 blocks"),
    );
    expect(await withParts({ output: { a: { value: Array.from({ length: 30_000 }, (_, index) => `\${file("${index}")}`) } } })).not.toEqual(
      [],
    );
    const wide = Object.fromEntries(Array.from({ length: 30_000 }, (_, index) => [`k${index}`, 1]));
    expect(await withParts({ output: { a: wide } })).not.toEqual([]);
    await expect(withParts({ output: { a: { value: Array.from({ length: 1_100_000 }, () => []) } } })).rejects.toThrow(
      "more than 1000000 values",
    );
  });

  it.each<[string, (body: Json) => void]>([
    ["host is not the endpoint", (body) => Object.assign(body, { host: "https://example.org" })],
    ["host is not the endpoint", (body) => Object.assign(body, { host: `${String(body["host"])}.example.org` })],
    ["insecure is an argument", (body) => Object.assign(body, { insecure: true })],
    ["exec is not exactly", (body) => Object.assign(body, { exec: [{ ...execOf(body), command: "sh" }] })],
    ["exec is not exactly", (body) => Object.assign(body, { exec: [{ ...execOf(body), env: { PATH: "." } }] })],
    [
      "exec is not exactly",
      (body) => Object.assign(body, { exec: [{ ...execOf(body), args: [...(execOf(body)["args"] as string[]), "--endpoint-url", "x"] }] }),
    ],
    ["exec is not exactly", (body) => Object.assign(body, { exec: [{ ...execOf(body), args: ["configure", "export-credentials"] }] })],
  ])("are refused when the way to a cluster is another: %s", async (words, change) => {
    const program = pair.program(PLATFORM);
    const [body = {}] = (program["provider"] as Record<string, Json[]>)["kubernetes"] ?? [];
    change(body);
    expect(await refusals(PLATFORM, program)).toContainEqual(expect.stringContaining(words));
  });

  it.each<[string, Json]>([
    ["is a post-renderer", { postrender: { binary_path: "sh" } }],
    ["takes its chart from somewhere else", { repository: "https://example.org" }],
    ["takes its chart from somewhere else", { chart: "oci://example.org/charts/x" }],
    ["takes its chart from somewhere else", { chart: "/etc/x-1.0.0.tgz" }],
    ["takes its chart from somewhere else", { chart: "../../charts/../../x-1.0.0-0123456789ab.tgz" }],
    ["keyring is an argument", { keyring: "/etc/passwd" }],
    ["dependency_update is an argument", { dependency_update: true }],
    ["has no recorded digest", { chart: "../../charts/x-1.0.0-unrecorded.tgz" }],
  ])("are refused when a release %s", async (words, change) => {
    const program = pair.program(PLATFORM);
    const [release = {}] = Object.values((program["resource"] as Record<string, Record<string, Json>>)["helm_release"] ?? {});
    Object.assign(release, change);
    expect(await refusals(PLATFORM, program)).toContainEqual(expect.stringContaining(words));
  });

  it("may not hide from the manifest what they read, nor wait for each other", async () => {
    const file = join(pair.head, "manifest.json");
    const manifest = JSON.parse(readFileSync(file, "utf8")) as { stacks: Record<string, { dependencies: string[] }> };
    const [traffic, network] = [manifest.stacks["dev-traffic"], manifest.stacks["dev-network"]];
    if (!traffic || !network) throw new Error("The fleet has both.");
    traffic.dependencies = [];
    writeFileSync(file, JSON.stringify(manifest));
    expect(await refusals("dev-data", pair.program("dev-data"))).toContain(
      "dev-traffic: manifest.json leaves out that the stack reads dev-network",
    );
    traffic.dependencies = ["dev-network", "foundation"];
    network.dependencies.push("dev-traffic");
    writeFileSync(file, JSON.stringify(manifest));
    expect(await refusals("dev-data", pair.program("dev-data"))).toContainEqual(expect.stringContaining("wait for each other"));
  });

  it("are no links to files of the machine, no bottomless JSON, and not endless", async () => {
    const file = join(pair.head, "stacks", STACK, "cdk.tf.json");
    rmSync(file);
    symlinkSync("/etc/hostname", file);
    await expect(pair.take()).rejects.toThrow("is missing, or no file");
    rmSync(file);
    writeFileSync(file, `{"x":${"[".repeat(200_000)}${"]".repeat(200_000)}}`);
    await expect(pair.take()).rejects.toThrow("nested more than 100 levels deep");
    writeFileSync(file, `{"x":"${"y".repeat(33 * 1024 * 1024)}"}`);
    await expect(pair.take()).rejects.toThrow("at most 33554432 are read");
    pair.reset();
    expect(await withParts({ output: { x: { value: `\${aws_kms_key.x.id}${"a".repeat(70_000)}` } } })).toContainEqual(
      expect.stringContaining("more than 24 KiB"),
    );
  });
});

describe("an exception", () => {
  const entry = { allow: "resource aws_dynamodb_table", why: "sessions of the shop" };
  const table = { resource: { aws_dynamodb_table: { x: { name: "x" } } } };
  let root: string;

  /** A checkout with these exceptions, for what else is read there the repository's own. */
  const rootWith = (exceptions: readonly object[]): string => {
    root = mkdtempSync(join(tmpdir(), "drydock-root-"));
    for (const folder of ["facts", "node_modules", "package.json"]) symlinkSync(join(ROOT, folder), join(root, folder));
    writeFileSync(join(root, "allowed-programs.json"), JSON.stringify({ exceptions }));
    return root;
  };
  const takenWith = async (onMain: readonly object[], onBase: readonly object[]): Promise<string> => {
    writeFileSync(join(pair.base, "allowed-programs.json"), JSON.stringify({ exceptions: onBase }));
    pair.write(STACK, merged(pair.program(STACK), table));
    return pair.take(rootWith(onMain)).then(
      () => "taken",
      (error: unknown) => String(error),
    );
  };
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
    rmSync(join(pair.base, "allowed-programs.json"), { force: true });
  });

  it("of the base allows what Drydock does not write", async () => {
    expect(await takenWith([entry], [entry])).toBe("taken");
    expect(await takenWith([{ ...entry, stack: STACK }], [{ ...entry, stack: STACK }])).toBe("taken");
  });

  it("of another stack, of the pull request alone, or one that the main line took back, allows nothing", async () => {
    const refused = expect.stringContaining('{ "allow": "resource aws_dynamodb_table", "why": "" }') as string;
    expect(await takenWith([{ ...entry, stack: "x" }], [{ ...entry, stack: "x" }])).toEqual(refused);
    expect(await takenWith([entry], [])).toEqual(refused);
    expect(await takenWith([], [entry])).toEqual(refused);
    writeFileSync(join(pair.head, "allowed-programs.json"), JSON.stringify({ exceptions: [entry] }));
    expect(await takenWith([], [])).toEqual(refused);
  });

  it("never allows what starts a process, and says nothing without a reason", async () => {
    pair.write(STACK, merged(pair.program(STACK), { resource: { aws_sns_topic: { x: { provisioner: {} } } } }));
    await expect(pair.take()).rejects.toThrow("No entry can allow the rest");
    expect(await takenWith([{ ...entry, why: "  " }], [entry])).toContain("allowed-programs.json cannot be read");
  });
});
