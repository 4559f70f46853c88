import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../config/command-error";
import type { InstalledProviders } from "../terraform/installed-providers";
import { requiredSources, type ProgramStack } from "../terraform/program";
import { writeProviderLock } from "../terraform/provider-lock";
import { Facts } from "./facts";
import { ChartFinder } from "./kubernetes/chart-finder";
import { clusterNames, KeptClusters } from "./kubernetes/kept-cluster";
import { LocalKubernetes } from "./kubernetes/local-kubernetes";
import { Operations } from "./provider/operations";
import type { ProviderName } from "./provider/derive-schema";
import { PLAYED_PROVIDERS, serveProviders } from "./provider/server";
import { World } from "./world";

/** A stand-in that runs: its world, and what Terraform processes need to use it. */
export interface StandIn {
  /** Folder with everything of it: world, state, programs, logs. */
  readonly folder: string;
  readonly stateFolder: string;
  readonly facts: Facts;
  readonly world: World;
  readonly operations: Operations;
  /** Real APIs in the place of EKS clusters; undefined when clusters are played too. */
  readonly kubernetes: LocalKubernetes | undefined;
  /** Readies a synthesis for Terraform, after making sure that everything in it can run. */
  readonly prepare: (stacks: readonly ProgramStack[]) => Promise<void>;
  /** Environment for Terraform; undefined removes a variable. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Saves the world and stops serving. APIs of Kubernetes are stopped before. */
  readonly stop: () => void;
}

/** Options of {@link startStandIn}. */
export interface StandInOptions {
  /**
   * How AWS behaves.
   * @default as the facts of the checkout say
   */
  readonly facts?: Facts;
  /**
   * Real Kubernetes APIs where EKS clusters would be: they end with the stand-in for good, or what is in them is kept
   * and started again with the next stand-in on this folder.
   * @default clusters are played
   */
  readonly kubernetes?: "passing" | "kept";
  /**
   * Providers that work inside of Kubernetes themselves, as published; only with `kubernetes`.
   * @default their work is done here, so nothing needs to be installed
   */
  readonly published?: InstalledProviders;
  /** Told what takes long. */
  readonly onProgress?: (text: string) => void;
}

/** Variables through which a real account could be reached by accident. */
const CREDENTIALS = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_PROFILE",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_ROLE_ARN",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "KUBECONFIG",
  "KUBE_CONFIG_PATH",
  "KUBE_CONFIG_PATHS",
  "TERRAFORM_BINARY_NAME",
];

/**
 * Environment of everything that runs under the stand-in: no way to an account, and none of Terraform's own variables,
 * with which state could be led elsewhere (`TF_CLI_ARGS`, `TF_WORKSPACE`, `TF_DATA_DIR`).
 */
function isolated(emptyFile: string): Readonly<Record<string, string | undefined>> {
  const inherited = Object.keys(process.env).filter((name) => name.startsWith("TF_") || CREDENTIALS.includes(name));
  return {
    ...Object.fromEntries(inherited.map((name) => [name, undefined])),
    AWS_CONFIG_FILE: emptyFile,
    AWS_SHARED_CREDENTIALS_FILE: emptyFile,
    AWS_EC2_METADATA_DISABLED: "true",
    TF_CLI_CONFIG_FILE: emptyFile,
  };
}

/**
 * Starts the stand-in on a folder; what is in the folder's world still exists.
 * @throws {CommandError} when the folder cannot be written or its world cannot be read; when the world's clusters were
 * made with Kubernetes and it is not asked for, or the other way round
 * @throws {GoMissing} when Kubernetes is asked for, has to be built, and Go is not on PATH
 */
export async function startStandIn(root: string, folder: string, options: StandInOptions = {}): Promise<StandIn> {
  const { facts = new Facts(root), published } = options;
  const stateFolder = join(folder, "state");
  const cliConfig = join(folder, "terraform.rc");
  try {
    mkdirSync(stateFolder, { recursive: true });
    // The user's own settings (provider overrides, mirrors, tokens) do not belong into a rehearsal.
    writeFileSync(cliConfig, "");
  } catch (error) {
    throw new CommandError(`${folder} cannot be written: ${error instanceof Error ? error.message : String(error)}`, 1);
  }
  const world = new World(join(folder, "world.json"));
  const kept = new KeptClusters(join(folder, "kubernetes", "clusters"));
  if (!options.kubernetes) refuseKept(kept, world);
  const charts = new ChartFinder(root, join(folder, "cdktf.out"), join(folder, "kubernetes", "stubs"));
  const kubernetes = options.kubernetes
    ? await LocalKubernetes.start({
        root,
        folder: join(folder, "kubernetes"),
        world,
        kept: options.kubernetes === "kept" ? kept : undefined,
        charts,
        published: published?.names,
        onProgress: options.onProgress,
      })
    : undefined;
  const operations = new Operations(world, facts, kubernetes);
  const played = published ? AWS_ALONE : PLAYED_PROVIDERS;
  const providers = await serveProviders(played, { root, types: knownTypes(root), facts, world, operations });
  return {
    folder,
    stateFolder,
    facts,
    world,
    operations,
    kubernetes,
    prepare: async (stacks) => {
      requireFacts(root, stacks, played);
      if (!published) return;
      for (const { directory, json } of stacks) writeProviderLock(published.lock, directory, requiredSources(json));
      await charts.place(chartsOf(stacks));
    },
    env: {
      ...isolated(cliConfig),
      ...(published ? { ...kubernetes?.env, TF_CLI_CONFIG_FILE: published.cliConfig } : {}),
      TF_REATTACH_PROVIDERS: providers.reattach,
    },
    stop: () => {
      world.save();
      providers.stop();
    },
  };
}

/** Without its API, what is in a cluster would be taken for gone. */
function refuseKept(kept: KeptClusters, world: World): void {
  const real = clusterNames(world).find((name) => kept.of(name).port !== undefined);
  if (real !== undefined)
    throw new CommandError(`The cluster ${real} was made with --kubernetes, and what is in it is in its API. Add --kubernetes.`, 2);
}

const AWS_ALONE: readonly ProviderName[] = ["aws"];

/** Chart arguments of every release. */
function chartsOf(stacks: readonly ProgramStack[]): readonly string[] {
  return stacks.flatMap(({ resources }) =>
    resources.flatMap(({ type, arguments: { chart } }) => (type === "helm_release" && typeof chart === "string" ? [chart] : [])),
  );
}

/**
 * Makes sure that the stand-in knows every type of a program that it plays.
 * @throws {CommandError} that names the file to add: Terraform's own message would blame the provider
 */
export function requireFacts(root: string, stacks: readonly ProgramStack[], played: readonly ProviderName[] = PLAYED_PROVIDERS): void {
  const others = PLAYED_PROVIDERS.filter((name) => !played.includes(name));
  const files = stacks.flatMap(({ json }) => [
    ...Object.keys(json.resource ?? {}).map((type) => ({ type, file: join(type.split("_")[0] ?? "", `${type}.json`) })),
    ...Object.keys(json.data ?? {})
      .filter((type) => type !== "terraform_remote_state")
      .map((type) => ({ type, file: join(type.split("_")[0] ?? "", `data.${type}.json`) })),
  ]);
  const missing = files.find(
    ({ type, file }) => !others.some((name) => type.startsWith(`${name}_`)) && !existsSync(join(root, "facts", "providers", file)),
  );
  if (missing)
    throw new CommandError(
      `There are no facts about ${missing.type}, so the stand-in cannot play it. Add facts/providers/${missing.file} with their source.`,
      2,
    );
}

function knownTypes(root: string): { resources: string[]; data: string[] } {
  const names = readdirSync(join(root, "facts", "providers"), { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".json"),
  );
  const types = names.map((file) => (file.split("/").at(-1) ?? "").replace(/\.json$/, ""));
  return {
    resources: types.filter((type) => !type.startsWith("data.")),
    data: types.filter((type) => type.startsWith("data.")).map((type) => type.slice("data.".length)),
  };
}
