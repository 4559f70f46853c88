import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isAlive } from "../../../rehearsal/lock";
import { controlPlaneBinary } from "../../../rehearsal/kubernetes/control-plane-binary";
import { KeptCluster } from "../../../rehearsal/kubernetes/kept-cluster";
import { LocalApi } from "../../../rehearsal/kubernetes/local-api";
import { freePort } from "../../../rehearsal/kubernetes/ports";
import { FOLDER_PREFIX } from "../../../rehearsal/kubernetes/working-folders";
import { ROOT } from "../../support/checkout";
import { BUILD_TIMEOUT_MS, hasGo, TESTED_MINORS } from "../../support/kubernetes";
import { eventually } from "../../support/local-api";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "drydock-test-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Listens on a port; any when none is named. */
async function occupy(wanted = 0): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(wanted, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { port, close: () => server.close() };
}

/** Working folders of APIs that this process started. */
function ownFolders(): readonly string[] {
  return readdirSync(tmpdir()).filter(
    (name) =>
      name.startsWith(FOLDER_PREFIX) &&
      existsSync(join(tmpdir(), name, "owner")) &&
      readFileSync(join(tmpdir(), name, "owner"), "utf8") === String(process.pid),
  );
}

describe.skipIf(!(await hasGo())).each(TESTED_MINORS)(
  "a local API of %s",
  (minor) => {
    const start = async (): Promise<LocalApi> =>
      LocalApi.start({ controlPlane: await controlPlaneBinary(ROOT, minor), logs: join(folder, "logs") });

    it("serves its exact version, and leaves nothing but logs when it is stopped", async () => {
      const api = await start();
      const keys = dirname(api.kubeconfig);
      const pids = [...api.pids.values()];
      expect(await api.client.call("GET", "/version")).toMatchObject({ gitVersion: api.version, major: "1", minor: minor.split(".")[1] });
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
        env: { LOGS: join(folder, "logs"), MINOR: minor },
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

    it("takes another port when the chosen one is taken, and says so when every one is", async () => {
      const occupied = await occupy();
      const ports = [occupied.port, await freePort()];
      const options = { controlPlane: await controlPlaneBinary(ROOT, minor), logs: join(folder, "logs") };
      const api = await LocalApi.start({ ...options, choosePort: () => Promise.resolve(ports.shift() ?? 0) });
      expect(api.endpoint).not.toContain(String(occupied.port));
      expect(await api.client.call("GET", "/version")).toMatchObject({ gitVersion: api.version });
      await api.stop();

      const always = LocalApi.start({ ...options, choosePort: () => Promise.resolve(occupied.port) });
      await expect(always).rejects.toThrow(
        `Another program took port ${occupied.port} before the Kubernetes API could use it, and 2 others before. Run it again.`,
      );
      occupied.close();
      expect(ownFolders()).toEqual([]);
    });

    it("that is kept starts again as it was, on its port and no other", async () => {
      const options = {
        controlPlane: await controlPlaneBinary(ROOT, minor),
        logs: join(folder, "logs"),
        kept: new KeptCluster(join(folder, "kept")),
      };
      const first = await LocalApi.start(options);
      const identity = { endpoint: first.endpoint, authority: first.certificateAuthority };
      await first.client.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "made", namespace: "default" } });
      await first.stop();
      expect(statSync(join(folder, "kept", "keys", "admin.key")).mode & 0o077).toBe(0);

      const again = await LocalApi.start(options);
      expect({ endpoint: again.endpoint, authority: again.certificateAuthority }).toEqual(identity);
      expect(await again.client.find("v1", "ConfigMap", "made", "default")).toBeDefined();
      await again.stop();

      const port = options.kept.port ?? 0;
      const occupied = await occupy(port);
      await expect(LocalApi.start(options)).rejects.toThrow(`Another program listens on port ${port}, which the Kubernetes API had.`);
      occupied.close();
      expect(ownFolders()).toEqual([]);
    });

    it("says what is wrong where it cannot write", async () => {
      writeFileSync(join(folder, "file"), "where a folder belongs");
      await expect(
        LocalApi.start({ controlPlane: await controlPlaneBinary(ROOT, minor), logs: join(folder, "file", "logs") }),
      ).rejects.toThrow(/^No folder for a Kubernetes API could be made: /);
    });
  },
  BUILD_TIMEOUT_MS,
);
