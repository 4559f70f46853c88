import { randomInt } from "node:crypto";
import { createServer, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Ports of APIs that are started again later: below those that systems hand out by themselves, from 32768 on. */
const LASTING = { from: 20_000, below: 30_000 };

/** How often a port is tried until it is free, in milliseconds. */
const POLL_MS = 100;

/** A loopback port that is free now; another process may take it before it is used. */
export async function freePort(): Promise<number> {
  const port = await listenOn(0);
  if (port === undefined) throw new Error("No port of 127.0.0.1 is free.");
  return port;
}

/** A free loopback port that probably will be free again later. */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = randomInt(LASTING.from, LASTING.below);
    if (await isFree(port)) return port;
  }
}

/** Waits until a port is free; false when it is not within the time. */
export async function becomesFree(port: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isFree(port))) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

async function isFree(port: number): Promise<boolean> {
  return (await listenOn(port)) !== undefined;
}

/** Listens for a moment; undefined when the port is taken. */
async function listenOn(wanted: number): Promise<number | undefined> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(wanted, "127.0.0.1", resolve);
    });
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "EADDRINUSE" || error.code === "EACCES")) return undefined;
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
