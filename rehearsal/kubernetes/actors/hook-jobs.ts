import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa, type ResultPromise } from "execa";
import { stringify } from "yaml";
import { describeObject, type Container, type Pod } from "../kube-objects";
import type { Actor, ActorStage } from "./actor";

/**
 * Annotation of pods whose commands run for real, as processes on this machine. Only charts of this repository, and
 * stubs, carry it: a foreign chart's script is written for a container and must not run outside of one.
 */
export const RUN_ANNOTATION = "drydock.dev/rehearsal-runs";

/** Longest time a process may take, in seconds. */
const TIMEOUT_SECONDS = 300;

/** How a Job's pod ended. */
export interface JobRun {
  readonly pod: string;
  readonly image: string;
  /** Whether a process did its work; otherwise it was only taken for done. */
  readonly real: boolean;
  readonly exitCode: number;
  /** Last lines that it printed. */
  readonly output: string;
}

/** Pods of Jobs: those of our own charts run as real processes with their service account's rights. */
export class HookJobs implements Actor {
  readonly name = "jobs";
  readonly simulates = "pods of Jobs: those of our own charts run their commands as processes; all others are taken for done";
  /** Every run, in order. */
  readonly history: JobRun[] = [];
  private readonly running = new Map<string, ResultPromise | undefined>();

  constructor(private readonly stage: ActorStage) {}

  async act(): Promise<void> {
    for (const pod of await this.stage.mirror.list<Pod>("v1", "Pod")) {
      const uid = pod.metadata.uid ?? "";
      const ofJob = pod.metadata.ownerReferences?.some(({ kind }) => kind === "Job") === true;
      if (!ofJob || pod.status?.phase !== "Running" || pod.metadata.deletionTimestamp !== undefined || this.running.has(uid)) continue;
      this.running.set(uid, undefined);
      if (pod.metadata.annotations?.[RUN_ANNOTATION] === "true")
        // Others must not wait for it.
        void this.runForReal(pod).catch((error: unknown) =>
          this.finish(pod, true, 1, error instanceof Error ? error.message : String(error)),
        );
      else await this.finish(pod, false, 0, "");
    }
  }

  stop(): void {
    for (const child of this.running.values()) child?.kill("SIGKILL");
  }

  private async runForReal(pod: Pod): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "drydock-job-"));
    try {
      const env = await this.environment(pod, folder);
      const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
      let output = "";
      for (const container of containers) {
        const result = await this.runContainer(pod, container, folder, env);
        output += result.output;
        if (result.exitCode !== 0) {
          await this.finish(pod, true, result.exitCode, output);
          return;
        }
      }
      await this.finish(pod, true, 0, output);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  private async runContainer(
    pod: Pod,
    { command = [], args = [], env = [], name }: Container,
    folder: string,
    base: Readonly<Record<string, string>>,
  ): Promise<{ readonly exitCode: number; readonly output: string }> {
    const [program, ...rest] = [...command, ...args];
    if (program === undefined) throw new Error(`Container ${name} names no command, so nothing can run in its place.`);
    const child = execa(program, rest, {
      cwd: folder,
      extendEnv: false,
      env: { ...base, ...Object.fromEntries(env.map((variable) => [variable.name, variable.value ?? ""])) },
      stdin: "ignore",
      all: true,
      reject: false,
      timeout: TIMEOUT_SECONDS * 1000,
      forceKillAfterDelay: 1000,
    });
    this.running.set(pod.metadata.uid ?? "", child);
    const result = await child;
    this.running.set(pod.metadata.uid ?? "", undefined);
    return { exitCode: result.exitCode ?? 1, output: result.all || (result.message ?? "") };
  }

  /** What a process in the pod would find: kubectl, and the rights of the pod's service account. */
  private async environment(pod: Pod, folder: string): Promise<Readonly<Record<string, string>>> {
    const { client, kubectl, endpoint, authority } = this.stage;
    const namespace = pod.metadata.namespace ?? "default";
    const account = pod.spec.serviceAccountName ?? "default";
    const { status } = (await client.call("POST", `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, {
      body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } },
    })) as { readonly status: { readonly token: string } };
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "kubectl"), `#!/bin/sh\nexec "${kubectl}" kubectl "$@"\n`);
    chmodSync(join(bin, "kubectl"), 0o755);
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "pod", cluster: { server: endpoint, "certificate-authority-data": Buffer.from(authority).toString("base64") } }],
      users: [{ name: "pod", user: { token: status.token } }],
      contexts: [{ name: "pod", context: { cluster: "pod", user: "pod", namespace } }],
      "current-context": "pod",
    };
    writeFileSync(join(folder, "kubeconfig"), stringify(config), { mode: 0o600 });
    return { PATH: `${bin}:/usr/bin:/bin`, KUBECONFIG: join(folder, "kubeconfig"), HOME: folder, TMPDIR: folder, NO_PROXY: "127.0.0.1" };
  }

  private async finish(pod: Pod, real: boolean, exitCode: number, output: string): Promise<void> {
    this.history.push({
      pod: describeObject(pod),
      image: pod.spec.containers[0]?.image ?? "",
      real,
      exitCode,
      output: output.split("\n").slice(-10).join("\n").trim(),
    });
    const now = new Date().toISOString();
    const terminated = { exitCode, reason: exitCode === 0 ? "Completed" : "Error", startedAt: now, finishedAt: now };
    await this.stage.client.merge(
      pod,
      {
        status: {
          phase: exitCode === 0 ? "Succeeded" : "Failed",
          containerStatuses: pod.spec.containers.map(({ name, image }) => ({
            name,
            image,
            imageID: "",
            ready: false,
            restartCount: 0,
            state: { terminated },
          })),
        },
      },
      "status",
    );
  }
}
