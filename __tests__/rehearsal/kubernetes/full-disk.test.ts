import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { goTool } from "../../../charts/go-tool";
import { isAlive } from "../../../rehearsal/lock";
import { KWOK } from "../../../rehearsal/kubernetes/component-flags";
import { controlPlaneBinary } from "../../../rehearsal/kubernetes/control-plane-binary";
import { KeptCluster } from "../../../rehearsal/kubernetes/kept-cluster";
import { LocalApi } from "../../../rehearsal/kubernetes/local-api";
import { ROOT } from "../../support/checkout";
import { BUILD_TIMEOUT_MS, hasGo, MINOR } from "../../support/kubernetes";
import { canMount, smallDisk, type SmallDisk } from "../../support/small-disk";

let logs = "";
let disk: SmallDisk | undefined;

beforeEach(() => {
  logs = mkdtempSync(join(tmpdir(), "drydock-test-"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await disk?.remove();
  disk = undefined;
  rmSync(logs, { recursive: true, force: true });
});

/** Writes until nothing more fits. */
function fill(file: string): void {
  const chunk = Buffer.alloc(64 * 1024);
  try {
    for (;;) appendFileSync(file, chunk);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  }
}

describe.skipIf(!(await hasGo()) || !(await canMount()))(
  "a full disk",
  () => {
    it("under the cache: the build says so, and leaves nothing that looks built", async () => {
      disk = await smallDisk(4);
      vi.stubEnv("XDG_CACHE_HOME", disk.folder);
      await expect(goTool(KWOK)).rejects.toThrow(/^kwok v0\.7\.0 could not be built: [^]*no space left on device/);
      const left = readdirSync(join(disk.folder, "drydock"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      expect(left.map(({ name }) => name)).toEqual([]);
    });

    it("under etcd's data: the API does not start, says why, and leaves nothing", async () => {
      disk = await smallDisk(16);
      const kept = new KeptCluster(join(disk.folder, "main"));
      const start = LocalApi.start({ controlPlane: await controlPlaneBinary(ROOT, MINOR), logs, kept });
      await expect(start).rejects.toThrow(
        /API did not start: etcd ended \(exit status 2\): failed to create WAL: no space left on device; see /,
      );
      expect(readdirSync(disk.folder)).toEqual([]);
    });

    it("that fills up while the API runs: it is gone, says why, and starts again once there is room", async () => {
      disk = await smallDisk(256);
      mkdirSync(join(disk.folder, "main"));
      const options = { controlPlane: await controlPlaneBinary(ROOT, MINOR), logs, kept: new KeptCluster(join(disk.folder, "main")) };
      const api = await LocalApi.start(options);
      const pids = [...api.pids.values()];
      const make = (index: number) =>
        api.client.create({
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: `filling-${index}`, namespace: "default" },
          data: { text: "x".repeat(900_000) },
        });
      await make(0);
      const filler = join(disk.folder, "filler");
      fill(filler);
      try {
        for (let made = 1; api.failure === undefined && made < 200; made += 1) await make(made).catch(() => undefined);
        expect(api.failure).toMatch(/etcd ended \([^]*no space left on device/);
      } finally {
        await api.stop();
      }
      expect(pids.filter(isAlive)).toEqual([]);

      rmSync(filler);
      const again = await LocalApi.start(options);
      expect(await again.client.find("v1", "ConfigMap", "filling-0", "default")).toBeDefined();
      await again.stop();
    });
  },
  BUILD_TIMEOUT_MS,
);
