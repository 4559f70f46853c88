import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { installProviders, type InstalledProviders } from "../../terraform/installed-providers";
import { Interrupts } from "../../terraform/interrupts";
import { lockedVersions, providerLock } from "../../terraform/provider-lock";
import { ROOT } from "../support/checkout";

const HELM = "hashicorp/helm";
const VERSIONS = lockedVersions(providerLock(ROOT));

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "drydock-providers-"));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** A mirror with a program in the place of the provider: Terraform installs it without running it. */
async function mirror(): Promise<string> {
  const { stdout } = await execa("terraform", ["version", "-json"], { env: { CHECKPOINT_DISABLE: "1" } });
  const { platform } = JSON.parse(stdout) as { readonly platform: string };
  const place = join(folder, "mirror", "registry.terraform.io", HELM, VERSIONS[HELM] ?? "", platform);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, `terraform-provider-helm_v${VERSIONS[HELM] ?? ""}`), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  return join(folder, "mirror");
}

/** Makes a CLI configuration the user's own. */
function userConfig(content: string): void {
  writeFileSync(join(folder, "user.rc"), content);
  vi.stubEnv("TF_CLI_CONFIG_FILE", join(folder, "user.rc"));
}

const fromMirror = (path: string): string => `provider_installation {\n  filesystem_mirror {\n    path = "${path}"\n  }\n}\n`;

/** A checkout whose lock knows versions and these digests. */
function checkout(...digests: readonly string[]): string {
  const root = join(folder, "checkout");
  mkdirSync(root);
  const hashes = digests.length === 0 ? "" : `  hashes = ${JSON.stringify(digests)}\n`;
  writeFileSync(providerLock(root), readFileSync(providerLock(ROOT), "utf8").replace(/ {2}hashes = \[[^\]]*\]\n/g, hashes));
  return root;
}

/** Runs `terraform init` on a stack of one provider, as the runs after an installation do. */
async function init(source: string, { cliConfig, lock }: InstalledProviders) {
  const stack = join(folder, "stack");
  mkdirSync(stack, { recursive: true });
  copyFileSync(lock, join(stack, ".terraform.lock.hcl"));
  const required = { provider: { source, version: VERSIONS[source] ?? "1.0.0" } };
  writeFileSync(join(stack, "main.tf.json"), JSON.stringify({ terraform: { required_providers: required } }));
  return execa("terraform", ["init", "-no-color"], { cwd: stack, env: { TF_CLI_CONFIG_FILE: cliConfig }, reject: false, all: true });
}

const install = (root = ROOT) =>
  installProviders({ root, folder: join(folder, "installed"), providers: [HELM], interrupts: new Interrupts() });

describe("providers that Terraform installs", () => {
  it("come from where the user's own configuration says, and later runs take nothing else", async () => {
    userConfig(fromMirror(await mirror()));
    const installed = await install(checkout());
    expect(installed.names).toEqual([`${HELM} ${VERSIONS[HELM] ?? ""}`]);
    expect(readFileSync(installed.lock, "utf8")).toMatch(/hashes = \[\s*"h1:/);
    const stack = await init(HELM, installed);
    expect(stack.exitCode, stack.all).toBe(0);
    const other = await init("hashicorp/random", installed);
    expect(other.exitCode).toBe(1);
    expect(other.all).toMatch(/not\s+found\s+in\s+any\s+of\s+the\s+search\s+locations/);
  });

  it("may come through a cache of the user's", async () => {
    mkdirSync(join(folder, "cache"));
    userConfig(`plugin_cache_dir = "${join(folder, "cache")}"\n${fromMirror(await mirror())}`);
    const stack = await init(HELM, await install(checkout()));
    expect(stack.exitCode, stack.all).toBe(0);
  });

  it("are refused when their digests are not those of the lock", async () => {
    userConfig(fromMirror(await mirror()));
    const refused = install(checkout("h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
    await expect(refused).rejects.toMatchObject({ exitCode: 2 });
    await expect(refused).rejects.toThrow("checksums previously recorded in the dependency lock file");
  });

  it("are asked for in words when Terraform finds none", async () => {
    mkdirSync(join(folder, "empty"));
    userConfig(fromMirror(join(folder, "empty")));
    const refused = install();
    await expect(refused).rejects.toMatchObject({ exitCode: 2 });
    await expect(refused).rejects.toThrow(`Terraform cannot install ${HELM} ${VERSIONS[HELM] ?? ""}: `);
    await expect(refused).rejects.toThrow("was not found in any of the search locations");
    await expect(refused).rejects.toThrow("name it in the file of TF_CLI_CONFIG_FILE; or leave --providers real out.");
  });

  it("are not what dev_overrides, or other variables of Terraform's, put in their place", async () => {
    const place = await mirror();
    userConfig(
      `provider_installation {\n  dev_overrides {\n    "${HELM}" = "${join(folder, "own")}"\n  }\n  filesystem_mirror {\n    path = "${place}"\n  }\n}\n`,
    );
    vi.stubEnv("TF_REATTACH_PROVIDERS", JSON.stringify({ [`registry.terraform.io/${HELM}`]: {} }));
    vi.stubEnv("TF_DATA_DIR", join(folder, "elsewhere"));
    vi.stubEnv("TF_CLI_ARGS_init", "-plugin-dir=/nowhere");
    const installed = await install(checkout());
    expect(existsSync(join(folder, "elsewhere"))).toBe(false);
    vi.unstubAllEnvs();
    const stack = await init(HELM, installed);
    expect(stack.exitCode, stack.all).toBe(0);
    expect(stack.all).not.toContain("development overrides");
  });
});
