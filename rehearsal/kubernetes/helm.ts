import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa, type ResultPromise } from "execa";
import { elements, isObject, nonEmpty, textOf, type ObjectValue } from "../provider/values";
import type { KubeClient } from "./kube-client";
import type { Impersonation } from "./kube-transport";
import { NotReady } from "./not-ready";

/** What Helm says of a release. */
export interface HelmRelease {
  readonly name: string;
  readonly namespace: string;
  /** Revision, counted from 1. */
  readonly version: number;
  readonly manifest: string;
  readonly info: { readonly status: string; readonly first_deployed: string; readonly last_deployed: string; readonly notes?: string };
  readonly chart: { readonly metadata: { readonly name: string; readonly version: string; readonly appVersion?: string } };
}

/** Helm could not do what it was asked to. */
export class HelmError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "HelmError";
  }
}

/** Options of {@link Helm}. */
export interface HelmOptions {
  /** Path of the program. */
  readonly program: string;
  /** Folder for its files; it stays. */
  readonly folder: string;
  /** Put first on PATH, for credential plugins. */
  readonly path: string;
}

/**
 * Has a program end, with everything that it started, when this process is killed: it would go on, and meet an API that
 * was started again. A watcher in its process group waits for the end of a pipe that only this process holds open.
 */
const ENDS_WITH_US = 'exec 3<&0; (cat <&3 >/dev/null; kill -KILL 0) >/dev/null 2>&1 & exec "$@" 3<&- </dev/null';

/** How Helm reaches an API. */
export interface HelmAccess {
  readonly kubeconfig: string;
  /**
   * Whom Helm pretends to be.
   * @default whom the kubeconfig says
   */
  readonly as?: Impersonation;
}

/** Lines of Helm's that say nothing of what is wrong. */
const NOISE = /^(WARNING: Kubernetes configuration file|[IWE]\d{4} |level=)/;

/** Real Helm, run as the published provider runs its library. */
export class Helm {
  private readonly running = new Set<ResultPromise>();

  constructor(private readonly options: HelmOptions) {}

  /**
   * Installs or upgrades a release from the arguments of a `helm_release`.
   * @param chart package or folder
   * @param kubeconfig file with the access that the program configures
   * @param observer looks at pods while Helm waits, to say why they do not become ready
   * @throws {HelmError} with Helm's words, and the reasons of pods that did not become ready
   */
  async apply(
    command: "install" | "upgrade",
    attributes: ObjectValue,
    chart: string,
    kubeconfig: string,
    observer: KubeClient,
  ): Promise<HelmRelease> {
    const flags = command === "upgrade" && attributes["upgrade_install"] === true ? ["upgrade", "--install"] : [command];
    const [name, namespace] = nameOf(attributes);
    mkdirSync(this.options.folder, { recursive: true });
    const folder = mkdtempSync(join(this.options.folder, `${name}-`));
    const notReady = NotReady.watch(observer, namespace, name);
    try {
      const values = elements(attributes["values"]).map((text, index) => {
        const file = join(folder, `values-${index}.yaml`);
        writeFileSync(file, textOf(text), { mode: 0o600 });
        return ["--values", file];
      });
      const output = await this.run([...flags, name, chart, ...values.flat(), ...flagsOf(attributes), "--output", "json"], kubeconfig);
      return JSON.parse(output) as HelmRelease;
    } catch (error) {
      if (!(error instanceof HelmError)) throw error;
      const reasons = notReady.reasons();
      throw reasons.length === 0 ? error : new HelmError(`${error.message}\n${reasons.map((reason) => `  - ${reason}`).join("\n")}`);
    } finally {
      notReady.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /**
   * Takes a release back to a revision; what came after it is undone, but nobody waits for pods.
   * @throws {HelmError} when hooks fail, or objects are refused
   */
  async rollback(attributes: ObjectValue, revision: number, access: HelmAccess): Promise<void> {
    const [name, namespace] = nameOf(attributes);
    await this.run(
      ["rollback", name, String(revision), "--namespace", namespace, ...timeoutOf(attributes), ...asWhom(access)],
      access.kubeconfig,
    );
  }

  /** @throws {HelmError} when hooks fail, or objects do not go */
  async uninstall(attributes: ObjectValue, access: HelmAccess): Promise<void> {
    const [name, namespace] = nameOf(attributes);
    await this.run(
      [
        "uninstall",
        name,
        "--namespace",
        namespace,
        "--ignore-not-found",
        ...(attributes["wait"] === false ? [] : ["--wait"]),
        ...timeoutOf(attributes),
        ...asWhom(access),
      ],
      access.kubeconfig,
    );
  }

  /** Asks what runs to stop: Helm then rolls back what is atomic. */
  interrupt(): void {
    for (const child of this.running) child.kill("SIGINT");
  }

  private async run(args: readonly string[], kubeconfig: string): Promise<string> {
    const { program, folder, path } = this.options;
    const child = execa("/bin/sh", ["-c", ENDS_WITH_US, "helm", program, ...args], {
      env: {
        PATH: `${path}:${process.env["PATH"] ?? ""}`,
        KUBECONFIG: kubeconfig,
        HELM_CACHE_HOME: join(folder, "cache"),
        HELM_CONFIG_HOME: join(folder, "config"),
        HELM_DATA_HOME: join(folder, "data"),
        HELM_KUBECONTEXT: undefined,
        HELM_NAMESPACE: undefined,
        NO_PROXY: "127.0.0.1",
        no_proxy: "127.0.0.1",
      },
      stdin: "pipe",
      reject: false,
      // A Ctrl-C of the terminal is for this process, which asks Helm to stop when Terraform asks it.
      detached: true,
      maxBuffer: 64 * 1024 * 1024,
    });
    this.running.add(child);
    try {
      const result = await child;
      if (result.exitCode === 0) return result.stdout;
      const lines = result.stderr.split("\n").filter((line) => line.trim() !== "" && !NOISE.test(line));
      throw new HelmError(lines.join(" ").replace(/^Error: /, "") || (result.message ?? "helm failed"));
    } finally {
      this.running.delete(child);
    }
  }
}

/** Name and namespace of a release. */
export function nameOf(attributes: ObjectValue): readonly [name: string, namespace: string] {
  return [textOf(attributes["name"]), nonEmpty(attributes["namespace"]) ?? "default"];
}

/** Arguments of `helm_release` that are switches of the command. */
const SWITCHES: Readonly<Record<string, string>> = {
  atomic: "--atomic",
  cleanup_on_fail: "--cleanup-on-fail",
  create_namespace: "--create-namespace",
  disable_openapi_validation: "--disable-openapi-validation",
  disable_webhooks: "--no-hooks",
  force_update: "--force",
  reset_values: "--reset-values",
  reuse_values: "--reuse-values",
  skip_crds: "--skip-crds",
  take_ownership: "--take-ownership",
  wait: "--wait",
  wait_for_jobs: "--wait-for-jobs",
};

function flagsOf(attributes: ObjectValue): readonly string[] {
  const history = Number(attributes["max_history"] ?? 0);
  const sets = ["set", "set_sensitive"].flatMap((block) =>
    elements(attributes[block])
      .filter(isObject)
      .flatMap(({ name, value, type }) => [
        type === "string" ? "--set-string" : type === "literal" ? "--set-literal" : "--set",
        `${textOf(name)}=${textOf(value)}`,
      ]),
  );
  return [
    "--namespace",
    nameOf(attributes)[1],
    ...Object.entries(SWITCHES).flatMap(([argument, flag]) => (attributes[argument] === true ? [flag] : [])),
    ...timeoutOf(attributes),
    ...(history > 0 ? ["--history-max", String(history)] : []),
    ...sets,
  ];
}

function asWhom({ as }: HelmAccess): readonly string[] {
  return as === undefined ? [] : ["--kube-as-user", as.user, ...as.groups.flatMap((group) => ["--kube-as-group", group])];
}

function timeoutOf(attributes: ObjectValue): readonly string[] {
  return ["--timeout", `${Number(attributes["timeout"] ?? 300)}s`];
}
