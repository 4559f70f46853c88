import { randomUUID } from "node:crypto";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import type { Connection } from "../provider/connection";
import { elements, isObject, nonEmpty, textOf, type ObjectValue } from "../provider/values";
import { KubeClient } from "./kube-client";

/** How long before its end a token is not used any more, in milliseconds. */
const MARGIN_MS = 60_000;

interface Credential {
  readonly status: { readonly token: string; readonly expirationTimestamp: string };
}

/**
 * Reaches an API exactly as the program's provider block says: its certificate authority, and the credential plugin
 * that it names. So a wrong block fails, and so does a role without the right.
 */
export class ProgramAccess {
  private readonly clients = new Map<string, { readonly client: KubeClient; readonly until: number }>();

  constructor(
    /** Folder for kubeconfig files. */
    private readonly folder: string,
    /** Put first on PATH; holds the plugin. */
    private readonly path: string,
  ) {}

  /** A kubeconfig file that says what the provider block says. */
  kubeconfig({ cluster, kubernetes }: Connection): string {
    const exec = execOf(kubernetes);
    const file = join(this.folder, `${new URL(cluster).port}.kubeconfig`);
    const content = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: "cluster",
          cluster: { server: cluster, "certificate-authority-data": Buffer.from(authorityOf(kubernetes)).toString("base64") },
        },
      ],
      users: [{ name: "program", user: { exec: { ...exec, interactiveMode: "Never" } } }],
      contexts: [{ name: "program", context: { cluster: "cluster", user: "program" } }],
      "current-context": "program",
    };
    // Others may be reading it.
    const temporary = `${file}.${randomUUID()}`;
    writeFileSync(temporary, stringify(content), { mode: 0o600 });
    renameSync(temporary, file);
    return file;
  }

  /** @throws {Error} with the plugin's own words when it gives no token */
  async client({ cluster, kubernetes }: Connection): Promise<KubeClient> {
    const exec = execOf(kubernetes);
    const key = JSON.stringify([cluster, kubernetes]);
    const known = this.clients.get(key);
    if (known && known.until > Date.now()) return known.client;
    const result = await execa(exec.command, exec.args, {
      env: { ...Object.fromEntries(exec.env.map(({ name, value }) => [name, value])), PATH: `${this.path}:${process.env["PATH"] ?? ""}` },
      stdin: "ignore",
      reject: false,
    });
    if (result.exitCode !== 0) throw new Error(`${exec.command} ${exec.args.join(" ")} gives no token: ${result.stderr || result.message}`);
    const { status } = JSON.parse(result.stdout) as Credential;
    const client = KubeClient.of({ endpoint: cluster, authority: authorityOf(kubernetes), credentials: { token: status.token } });
    this.clients.set(key, { client, until: Date.parse(status.expirationTimestamp) - MARGIN_MS });
    return client;
  }

  close(): void {
    for (const { client } of this.clients.values()) client.close();
  }
}

interface Exec {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
}

function execOf(kubernetes: ObjectValue): Exec {
  const block = kubernetes["exec"];
  const [exec] = isObject(block) ? [block] : elements(block).filter(isObject);
  if (!exec)
    throw new Error(
      "The provider names no credential plugin (exec), which is the only way into an EKS cluster that leaves no secret in state.",
    );
  return {
    apiVersion: nonEmpty(exec["api_version"]) ?? "client.authentication.k8s.io/v1beta1",
    command: textOf(exec["command"]),
    args: elements(exec["args"]).map(textOf),
    env: Object.entries(isObject(exec["env"]) ? exec["env"] : {}).map(([name, value]) => ({ name, value: textOf(value) })),
  };
}

function authorityOf(kubernetes: ObjectValue): string {
  return textOf(kubernetes["cluster_ca_certificate"]);
}
