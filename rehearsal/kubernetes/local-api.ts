import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { goTool } from "../../charts/go-tool";
import { CommandError } from "../../config/command-error";
import { apiServerFlags, AUDIT_POLICY, controllerManagerFlags, KWOK, kwokFlags, schedulerFlags } from "./component-flags";
import type { ControlPlaneBinary } from "./control-plane-binary";
import { KubeClient } from "./kube-client";
import { kubeconfig } from "./kubeconfig";
import type { KeptCluster } from "./kept-cluster";
import { KWOK_STAGES } from "./node-behaviour";
import { becomesFree, freePort, lastingPort } from "./ports";
import { Supervisor } from "./supervisor";
import { newFolder, sweepFolders } from "./working-folders";

/** Options of {@link LocalApi.start}. */
export interface LocalApiOptions {
  readonly controlPlane: ControlPlaneBinary;
  /** Folder for logs; it stays. */
  readonly logs: string;
  /** Address that answers who a token belongs to, as EKS's authenticator does; only certificates count when left out. */
  readonly authenticator?: string;
  /**
   * Gets what outlives the API; what it holds already is started again.
   * @default keys and data go with the API
   */
  readonly kept?: KeptCluster;
  /**
   * Chooses the port of an API that is new.
   * @default any that is free
   */
  readonly choosePort?: () => Promise<number>;
}

/** Longest time until an API is ready, in milliseconds; it takes 3 s on an idle machine. */
const START_TIMEOUT_MS = 120_000;

/** How often an API is asked whether it is ready, in milliseconds. */
const POLL_MS = 100;

/** Another process may take a port between the choice and its use. */
const PORT_ATTEMPTS = 3;

/** Longest time that an API which was killed may hold its port, in milliseconds. */
const PORT_TIMEOUT_MS = 5_000;

/**
 * A Kubernetes API of its own on loopback: real etcd, API server, controllers and scheduler, with kwok in the place
 * of nodes. Keys and data live in a temporary folder that goes with it, also when this process is killed; unless they
 * are to be kept.
 */
export class LocalApi {
  private constructor(
    private readonly options: LocalApiOptions,
    private readonly folder: string,
    private readonly port: number,
    private readonly kwok: string,
    private supervisor: Supervisor,
    private binary: ControlPlaneBinary,
    /** As administrator. */
    readonly client: KubeClient,
  ) {}

  /**
   * Starts an API and waits until it answers.
   * @throws {CommandError} with the component's own words when it does not come up; when its port is taken
   */
  static async start(options: LocalApiOptions): Promise<LocalApi> {
    sweepFolders();
    const kwok = await goTool(KWOK);
    const { kept, choosePort = kept ? lastingPort : freePort } = options;
    const before = kept?.port;
    if (before !== undefined) return LocalApi.startAgain(options, kwok, before);
    for (let attempt = 1; ; attempt += 1) {
      // What a start left that was killed.
      kept?.remove();
      const port = await choosePort();
      const api = await LocalApi.prepare(options, kwok, port);
      try {
        await api.run();
        kept?.keep(api.folder, port);
        return api;
      } catch (error) {
        await api.stop();
        kept?.remove();
        if (!/address already in use/.test(error instanceof Error ? error.message : "")) throw error;
        if (attempt === PORT_ATTEMPTS)
          throw new CommandError(
            `Another program took port ${port} before the Kubernetes API could use it, and ${PORT_ATTEMPTS - 1} others before. Run it again.`,
            1,
          );
      }
    }
  }

  private static async startAgain(options: LocalApiOptions, kwok: string, port: number): Promise<LocalApi> {
    // Programs and states have the address, so it cannot be another one.
    if (!(await becomesFree(port, PORT_TIMEOUT_MS)))
      throw new CommandError(`Another program listens on port ${port}, which the Kubernetes API had. End it and run this again.`, 1);
    const api = await LocalApi.prepare(options, kwok, port);
    try {
      await api.run();
      return api;
    } catch (error) {
      await api.stop();
      throw error;
    }
  }

  private static async prepare(options: LocalApiOptions, kwok: string, port: number): Promise<LocalApi> {
    const { controlPlane, logs, kept } = options;
    const folder = newFolder(logs);
    try {
      if (kept?.port === undefined) await makeKeys(controlPlane, folder);
      else kept.restoreKeys(folder);
      const endpoint = `https://127.0.0.1:${port}`;
      for (const client of ["admin", "controller-manager", "scheduler", "kwok"])
        writeFileSync(join(folder, `${client}.kubeconfig`), kubeconfig(endpoint, folder, client), { mode: 0o600 });
      writeFileSync(join(folder, "audit-policy.yaml"), AUDIT_POLICY);
      writeFileSync(join(folder, "stages.yaml"), KWOK_STAGES);
      if (options.authenticator !== undefined)
        writeFileSync(join(folder, "authenticator.kubeconfig"), kubeconfig(options.authenticator, folder, undefined));
      const read = (name: string): string => readFileSync(join(folder, name), "utf8");
      const client = KubeClient.of({
        endpoint,
        authority: read("ca.crt"),
        credentials: { certificate: read("admin.crt"), key: read("admin.key") },
      });
      return new LocalApi(options, folder, port, kwok, new Supervisor(controlPlane.file, folder), controlPlane, client);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get endpoint(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** Base64 of the API's certificate authority, as `aws_eks_cluster` hands it out. */
  get certificateAuthority(): string {
    return readFileSync(join(this.folder, "ca.crt")).toString("base64");
  }

  /** Kubernetes minor that it serves. */
  get minor(): string {
    return this.binary.minor;
  }

  get version(): string {
    return this.binary.version;
  }

  /** Configuration with which kubectl and Helm are administrator. */
  get kubeconfig(): string {
    return join(this.folder, "admin.kubeconfig");
  }

  /** File of the audit log, one JSON line per event. */
  get auditLog(): string {
    return join(this.options.logs, "audit.log");
  }

  /** Program whose first argument `kubectl` makes it kubectl, of the API's own version. */
  get program(): string {
    return this.binary.file;
  }

  /** Process ids by component. */
  get pids(): ReadonlyMap<string, number> {
    return this.supervisor.pids;
  }

  /** Why the API is gone, once it is. */
  get failure(): string | undefined {
    return this.supervisor.failure;
  }

  /** Replaces the control plane by another minor's over the same data, as an upgrade in place does. */
  async upgrade(controlPlane: ControlPlaneBinary): Promise<void> {
    for (const component of ["kube-scheduler", "kube-controller-manager", "kube-apiserver"]) await this.supervisor.stop(component);
    this.binary = controlPlane;
    this.startApiServer();
    await this.ready();
    this.startControllers();
  }

  /** Ends the API; nothing of it is left but its logs, and what is kept. */
  async stop(): Promise<void> {
    this.client.close();
    await this.supervisor.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async run(): Promise<void> {
    this.process("etcd", [this.options.kept?.data ?? join(this.folder, "etcd"), join(this.folder, "etcd.sock")]);
    this.startApiServer();
    await this.ready();
    this.startControllers();
    this.process("kwok", kwokFlags(this.folder), this.kwok);
    await this.supervisor.started("kwok");
  }

  private startApiServer(): void {
    const authenticated = this.options.authenticator !== undefined;
    this.process("kube-apiserver", apiServerFlags(this.folder, this.port, this.auditLog, authenticated), this.binary.file);
  }

  private startControllers(): void {
    this.process("kube-controller-manager", controllerManagerFlags(this.folder), this.binary.file);
    this.process("kube-scheduler", schedulerFlags(this.folder), this.binary.file);
  }

  private process(name: string, args: readonly string[], program?: string): void {
    const own = program === this.binary.file;
    this.supervisor.start({ name, args: own ? [name, ...args] : args, program, log: join(this.options.logs, `${name}.log`) });
  }

  /** Waits until the API answers and has its own objects, so that the first request of a user succeeds. */
  private async ready(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    let last = "it never answered";
    // On a port that was taken, someone else hears the question, and may never answer.
    const over = this.supervisor.over().then(() => false);
    while (Date.now() < deadline) {
      if (this.failure !== undefined) throw new CommandError(`The Kubernetes ${this.version} API did not start: ${this.failure}`, 1);
      try {
        const answered = this.client.call("GET", "/readyz").then(() => true);
        if (await Promise.race([answered, over])) return;
      } catch (error) {
        last = error instanceof Error ? error.message : String(error);
      }
      await sleep(POLL_MS);
    }
    throw new CommandError(`The Kubernetes ${this.version} API was not ready after ${START_TIMEOUT_MS / 1000} s: ${last}`, 1);
  }
}

async function makeKeys(controlPlane: ControlPlaneBinary, folder: string): Promise<void> {
  const made = await execa(controlPlane.file, ["certificates", folder], { stdin: "ignore", reject: false });
  if (made.exitCode !== 0) throw new CommandError(`No certificates could be made in ${folder}: ${made.stderr || made.message}`, 1);
}
