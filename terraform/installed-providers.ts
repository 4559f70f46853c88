import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CommandError } from "../config/command-error";
import type { Interrupts } from "./interrupts";
import { LOCK_FILE, lockedVersions, providerLock, REGISTRY } from "./provider-lock";
import { TerraformError, Workspace } from "./workspace";

/** Providers that Terraform installed, for later runs that take them and nothing else. */
export interface InstalledProviders {
  /** Name and version of each, such as `hashicorp/helm 3.1.1`. */
  readonly names: readonly string[];
  /** Terraform CLI configuration that knows no other source of providers. */
  readonly cliConfig: string;
  /** Provider lock with the digests of what was installed. */
  readonly lock: string;
}

/** Options of {@link installProviders}. */
export interface InstallationOptions {
  /** Checkout whose lock says which versions. */
  readonly root: string;
  /** Folder to install to; what it has already is not fetched again. */
  readonly folder: string;
  /** Names in the lock, such as `hashicorp/helm`. */
  readonly providers: readonly string[];
  readonly interrupts: Interrupts;
}

/** Variables of Terraform's that say how it gets providers. The others could lead it elsewhere. */
const WAYS = /^TF_(CLI_CONFIG_FILE$|TOKEN_|PLUGIN_CACHE_|REGISTRY_|PROVIDER_DOWNLOAD_RETRY$)/;

/**
 * Has Terraform install providers as the user's own CLI configuration says: from the registry, a mirror, a cache.
 * Only this sees that configuration; what is installed here is the whole world of the runs that follow.
 *
 * @throws {CommandError} with exit code 2 and what to do when Terraform cannot install exactly what the lock says
 */
export async function installProviders({ root, folder, providers, interrupts }: InstallationOptions): Promise<InstalledProviders> {
  const versions = lockedVersions(providerLock(root));
  const names = providers.map((name) => `${name} ${versions[name] ?? ""}`);
  const directory = join(folder, "installation");
  mkdirSync(directory, { recursive: true });
  const required = Object.fromEntries(providers.map((name) => [name.split("/").at(-1) ?? name, { source: name, version: versions[name] }]));
  writeFileSync(join(directory, "main.tf.json"), JSON.stringify({ terraform: { required_providers: required } }));
  copyFileSync(providerLock(root), join(directory, LOCK_FILE));
  const logFile = join(folder, "installation.log");
  const workspace = new Workspace({ name: "providers", directory, logFile, env: userEnvironment(), interrupts });
  try {
    await workspace.init();
  } catch (error) {
    if (!(error instanceof TerraformError) || interrupts.stopping) throw error;
    throw new CommandError(cannotInstall(names, error.reason, logFile), 2);
  }
  // Without a word of the user's `dev_overrides`, which would run something else in their place.
  const cliConfig = join(folder, "terraform.rc");
  writeFileSync(
    cliConfig,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(join(directory, ".terraform", "providers"))}\n  }\n}\n`,
  );
  return { names, cliConfig, lock: join(directory, LOCK_FILE) };
}

function cannotInstall(names: readonly string[], reason: string, logFile: string): string {
  return `Terraform cannot install ${names.join(" and ")}: ${reason}.
Let it reach ${REGISTRY}, or fill a mirror (terraform providers mirror <folder>) and name it in the file of TF_CLI_CONFIG_FILE; or leave --providers real out.
  The whole output is in ${logFile}.`;
}

/** The user's variables, but for those that would lead this one run elsewhere. */
function userEnvironment(): Readonly<Record<string, string | undefined>> {
  const others = Object.keys(process.env).filter((name) => name.startsWith("TF_") && !WAYS.test(name));
  const config = process.env["TF_CLI_CONFIG_FILE"];
  return {
    ...Object.fromEntries(others.map((name) => [name, undefined])),
    // Terraform runs in another folder than the user.
    ...(config === undefined || config === "" ? {} : { TF_CLI_CONFIG_FILE: resolve(config) }),
  };
}
