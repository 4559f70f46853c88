import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { StackRuns } from "../../../rehearsal/stack-runs";
import { startStandIn, type StandIn } from "../../../rehearsal/stand-in";
import type { InstalledProviders } from "../../../terraform/installed-providers";
import { readProgram, type ProgramStack } from "../../../terraform/program";
import { lockedVersions, providerLock } from "../../../terraform/provider-lock";
import { synthesize } from "../../../terraform/synthesize";
import { copyCheckout } from "../../support/checkout";
import { drydock, SMALL_FLEET } from "../../support/drydock";
import { MINOR } from "../../support/kubernetes";

let checkout = "";

beforeAll(() => {
  checkout = copyCheckout();
  rmSync(join(checkout, "vendor"), { recursive: true, force: true });
  writeFileSync(join(checkout, "fleet.ts"), SMALL_FLEET);
  const state = { dev: { colours: { blue: { kubernetes: MINOR, weight: 100 } } } };
  writeFileSync(join(checkout, "fleet.state.json"), JSON.stringify(state));
});

afterAll(() => {
  rmSync(checkout, { recursive: true, force: true });
});

describe("--providers real", () => {
  it("needs an API to work on", async () => {
    const { exitCode, stderr } = await drydock(checkout, ["rehearse", "--providers", "real"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("add --kubernetes, or leave --providers out.");
  });

  it("says what to do when Terraform cannot install them, before anything starts", async () => {
    const config = join(checkout, "user.rc");
    mkdirSync(join(checkout, "empty"));
    writeFileSync(config, `provider_installation {\n  filesystem_mirror {\n    path = "${join(checkout, "empty")}"\n  }\n}\n`);
    const { exitCode, stderr } = await drydock(checkout, ["rehearse", "--kubernetes", "--providers", "real"], {
      env: { TF_CLI_CONFIG_FILE: config },
    });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^Terraform cannot install hashicorp\/helm \S+ and hashicorp\/kubernetes \S+: /);
    expect(existsSync(join(checkout, ".drydock", "rehearsal"))).toBe(false);
    expect(existsSync(join(checkout, ".drydock", "fleet"))).toBe(false);
  });
});

describe("the stand-in beside published providers", () => {
  let folder = "";
  let standIn: StandIn;
  let stacks: readonly ProgramStack[];
  let published: InstalledProviders;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "drydock-published-"));
    published = { names: ["hashicorp/helm 9.9.9"], cliConfig: join(folder, "only.rc"), lock: join(folder, "installed.lock.hcl") };
    writeFileSync(published.lock, readFileSync(providerLock(checkout), "utf8"));
    vi.stubEnv("KUBE_CONFIG_PATH", "/elsewhere");
    vi.stubEnv("KUBE_TOKEN", "secret");
    vi.stubEnv("HELM_DRIVER", "memory");
    vi.stubEnv("TF_CLI_CONFIG_FILE", "/users/own.rc");
    standIn = await startStandIn(checkout, join(folder, "stand-in"), { kubernetes: "passing", published });
    stacks = await program();
  });

  async function program(): Promise<readonly ProgramStack[]> {
    const outdir = join(standIn.folder, "cdktf.out");
    await synthesize({ root: checkout, outdir, overrides: { localState: standIn.stateFolder } });
    const read = readProgram(outdir);
    await standIn.prepare(read);
    return read;
  }

  afterAll(async () => {
    await standIn.kubernetes?.stop();
    standIn.stop();
    rmSync(folder, { recursive: true });
  });

  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it("plays AWS alone", () => {
    const played = JSON.parse(standIn.env["TF_REATTACH_PROVIDERS"] ?? "") as Readonly<Record<string, unknown>>;
    expect(Object.keys(played)).toEqual(["registry.terraform.io/hashicorp/aws"]);
    expect(standIn.kubernetes?.published).toEqual(["hashicorp/helm 9.9.9"]);
  });

  it("gives them the credential plugin, and nothing that leads to another cluster or other providers", async () => {
    const { env } = standIn;
    expect(env).toMatchObject({ TF_CLI_CONFIG_FILE: published.cliConfig });
    for (const name of ["KUBE_CONFIG_PATH", "KUBE_TOKEN", "HELM_DRIVER"]) expect(env, name).toHaveProperty(name, undefined);
    const { stdout } = await execa("aws", ["eks", "get-token", "--cluster-name", "tiny-dev-blue", "--region", "eu-west-1"], { env });
    expect(JSON.parse(stdout)).toMatchObject({ kind: "ExecCredential" });
    expect(env["PATH"]?.split(delimiter)[0]).toBe(join(standIn.folder, "kubernetes", "bin"));
  });

  it("lays every package, or a stub, where the programs name it", () => {
    const releases = stacks.flatMap(({ resources, directory }) =>
      resources.filter(({ type }) => type === "helm_release").map(({ arguments: { chart } }) => join(directory, String(chart))),
    );
    expect(releases).not.toHaveLength(0);
    expect(releases.filter((chart) => !existsSync(chart)).map((chart) => basename(chart))).toEqual([]);
    expect(standIn.kubernetes?.stubbed).toContain("traefik");
  });

  it("holds stacks to the digests of what was installed, and to nothing that they do not use", () => {
    for (const { name, directory } of stacks) {
      const used = name.endsWith("-platform") ? ["hashicorp/aws", "hashicorp/helm", "hashicorp/kubernetes"] : ["hashicorp/aws"];
      expect(Object.keys(lockedVersions(join(directory, ".terraform.lock.hcl"))), name).toEqual(used);
    }
  });

  it("runs a stack again after a synthesis, without initializing it again", async () => {
    writeFileSync(published.cliConfig, 'provider_installation {\n  filesystem_mirror {\n    path = "/nothing"\n  }\n}\n');
    const runs = new StackRuns(standIn, 1);
    for (const turn of ["first", "second"]) {
      const foundation = (await program()).filter(({ name }) => name === "foundation");
      const results = await runs.apply(foundation, () => undefined);
      expect(results.get("foundation"), turn).toMatchObject({ status: "done" });
    }
  });

  it("asks for no facts about what it does not play", async () => {
    const [stack] = stacks;
    if (!stack) throw new Error("The fleet has no stack.");
    const prepare = (type: string) => standIn.prepare([{ ...stack, json: { resource: { [type]: { main: {} } } } }]);
    await expect(prepare("kubernetes_unheard_of_v1")).resolves.toBeUndefined();
    await expect(prepare("aws_unheard_of")).rejects.toThrow("There are no facts about aws_unheard_of");
  });
});
