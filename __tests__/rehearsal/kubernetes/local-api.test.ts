import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isAlive } from "../../../rehearsal/lock";
import { controlPlaneBinary } from "../../../rehearsal/kubernetes/control-plane-binary";
import { LocalApi } from "../../../rehearsal/kubernetes/local-api";
import { ROOT } from "../../support/checkout";
import { BUILD_TIMEOUT_MS, hasGo, MINOR } from "../../support/kubernetes";
import { eventually } from "../../support/local-api";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "drydock-test-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it("names the minors that can be built when another is asked for", async () => {
  await expect(controlPlaneBinary(ROOT, "1.12")).rejects.toThrow(
    "There is no local control plane of Kubernetes 1.12; there are 1.35, 1.36.",
  );
});

describe.skipIf(!(await hasGo()))(
  "a local API",
  () => {
    const start = async (): Promise<LocalApi> =>
      LocalApi.start({ controlPlane: await controlPlaneBinary(ROOT, MINOR), logs: join(folder, "logs") });

    it("serves its exact version, and leaves nothing but logs when it is stopped", async () => {
      const api = await start();
      const keys = dirname(api.kubeconfig);
      const pids = [...api.pids.values()];
      expect(await api.client.call("GET", "/version")).toMatchObject({ gitVersion: api.version, major: "1", minor: "36" });
      expect(pids).toHaveLength(5);
      await api.stop();
      expect(pids.filter(isAlive)).toEqual([]);
      expect(existsSync(keys)).toBe(false);
      expect(existsSync(join(folder, "logs", "kube-apiserver.log"))).toBe(true);
    });

    it("answers nobody without its credentials", async () => {
      const api = await start();
      try {
        const asked = await execa("curl", ["--silent", "--insecure", "--noproxy", "*", `${api.endpoint}/api/v1/namespaces`], {
          reject: false,
        });
        expect(asked.stdout).toContain("Unauthorized");
      } finally {
        await api.stop();
      }
    });

    it("ends with whoever started it, also when that one is killed", async () => {
      const child = execa(process.execPath, [join(ROOT, "bin", "run.cjs"), "__tests__/support/start-local-api.ts"], {
        cwd: ROOT,
        env: { LOGS: join(folder, "logs"), MINOR },
        reject: false,
        stdin: "ignore",
        buffer: { stdout: false },
      });
      const { pids, keys } = await new Promise<{ readonly pids: readonly number[]; readonly keys: string }>((resolve) => {
        child.stdout.on("data", (chunk: Buffer) => {
          resolve(JSON.parse(chunk.toString("utf8")) as { pids: number[]; keys: string });
        });
      });
      expect(pids.filter(isAlive)).toHaveLength(5);
      child.kill("SIGKILL");
      await child;
      await eventually(() => Promise.resolve(pids.every((pid) => !isAlive(pid))), "the end of all processes");
      await eventually(() => Promise.resolve(!existsSync(keys)), "the end of its keys and data");
    });

    it("says why it is gone when a component is killed", async () => {
      const api = await start();
      try {
        process.kill(api.pids.get("etcd") ?? 0, "SIGKILL");
        await eventually(() => Promise.resolve(api.failure !== undefined), "a failure");
        expect(api.failure).toContain("etcd ended (signal: killed)");
      } finally {
        await api.stop();
      }
    });

    it("says what is wrong where it cannot write", async () => {
      writeFileSync(join(folder, "file"), "where a folder belongs");
      await expect(
        LocalApi.start({ controlPlane: await controlPlaneBinary(ROOT, MINOR), logs: join(folder, "file", "logs") }),
      ).rejects.toThrow(/^No folder for a Kubernetes API could be made: /);
    });
  },
  BUILD_TIMEOUT_MS,
);
