import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { goTool, HELM } from "../../charts/go-tool";
import { World } from "../../rehearsal/world";
import type { Stage } from "../../rehearsal/kubernetes/actors/actor";
import { controlPlaneBinary } from "../../rehearsal/kubernetes/control-plane-binary";
import type { KubeObject } from "../../rehearsal/kubernetes/kube-objects";
import { LocalApi } from "../../rehearsal/kubernetes/local-api";
import { scaleGroup, type GroupFacts } from "../../rehearsal/kubernetes/nodes";
import { ROOT } from "./checkout";

/** A group of nodes of one size in one zone. */
export const groupOf = (kubernetes: string): GroupFacts => ({
  name: "general",
  kubernetes,
  instanceTypes: ["m5.large"],
  capacityType: "SPOT",
  labels: { "drydock.dev/group": "general" },
  taints: [],
  region: "eu-west-1",
  zones: ["eu-west-1a"],
  min: 1,
  max: 2,
});

/** An API with one node, and nothing else. */
export class LocalApiFixture {
  readonly world: World;

  private constructor(
    readonly folder: string,
    readonly api: LocalApi,
  ) {
    this.world = new World(join(folder, "world.json"));
  }

  static async open(minor: string): Promise<LocalApiFixture> {
    const folder = mkdtempSync(join(tmpdir(), "drydock-test-"));
    const api = await LocalApi.start({ controlPlane: await controlPlaneBinary(ROOT, minor), logs: join(folder, "logs") });
    const group = groupOf(minor);
    await scaleGroup(api.client, group, group.min);
    return new LocalApiFixture(folder, api);
  }

  async close(): Promise<void> {
    await this.api.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What actors work with. */
  get stage(): Stage {
    const { api, world, folder } = this;
    return {
      cluster: "main",
      client: api.client,
      world,
      folder: join(folder, "buckets"),
      kubectl: api.program,
      endpoint: api.endpoint,
      authority: Buffer.from(api.certificateAuthority, "base64").toString("utf8"),
    };
  }

  /** Runs Helm as administrator. */
  async helm(args: readonly string[]): Promise<{ readonly exitCode: number | undefined; readonly output: string }> {
    const result = await execa(await goTool(HELM), args, {
      env: { KUBECONFIG: this.api.kubeconfig, HELM_CACHE_HOME: this.folder, HELM_CONFIG_HOME: this.folder, HELM_DATA_HOME: this.folder },
      reject: false,
      all: true,
      stdin: "ignore",
    });
    return { exitCode: result.exitCode, output: result.all };
  }

  /** Makes a namespace. */
  namespace(name: string, labels: Readonly<Record<string, string>> = {}): Promise<KubeObject> {
    return this.api.client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
  }
}

/**
 * Waits for something to become true.
 * @throws {Error} when it does not within the seconds
 */
export async function eventually<Result>(look: () => Promise<Result | undefined | false>, what: string, seconds = 20): Promise<Result> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const result = await look();
    if (result !== undefined && result !== false) return result;
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${seconds} s`);
    await sleep(100);
  }
}
