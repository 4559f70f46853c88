import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { controlPlaneBinary } from "../../../rehearsal/kubernetes/control-plane-binary";
import { KubeClient } from "../../../rehearsal/kubernetes/kube-client";
import { ROOT } from "../../support/checkout";
import { BUILD_TIMEOUT_MS, hasGo, MINOR } from "../../support/kubernetes";

describe.skipIf(!(await hasGo()))(
  "connections to an API that stay open",
  () => {
    let server: Server;
    let client: KubeClient;
    const folder = mkdtempSync(join(tmpdir(), "drydock-transport-"));
    const answered = new WeakSet<Socket>();

    beforeAll(async () => {
      const { file } = await controlPlaneBinary(ROOT, MINOR);
      await execa(file, ["certificates", folder]);
      const pem = (name: string) => readFileSync(join(folder, name), "utf8");
      server = createServer({ cert: pem("server.crt"), key: pem("server.key") }, (request, response) => {
        // Each connection answers once, and is closed without an answer when it is used again.
        if (answered.has(request.socket)) request.socket.destroy();
        else response.end(JSON.stringify({ path: request.url, method: request.method }));
        answered.add(request.socket);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      client = KubeClient.of({
        endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
        authority: pem("ca.crt"),
        credentials: { token: "nobody" },
      });
    });

    afterAll(() => {
      client.close();
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true });
    });

    it("may be closed when they are used again: what only reads is asked once more", async () => {
      await client.call("GET", "/one");
      expect(await client.call("GET", "/two")).toEqual({ path: "/two", method: "GET" });
    });

    it("are not tried again with what changes something: it may have been carried out", async () => {
      await client.call("GET", "/three");
      await expect(client.call("POST", "/four", { body: {} })).rejects.toThrow("socket hang up");
    });
  },
  BUILD_TIMEOUT_MS,
);
