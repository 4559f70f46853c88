import { existsSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, it } from "vitest";
import { copyCheckout } from "../support/checkout";
import { SMALL_FLEET } from "../support/drydock";

let checkout = "";

beforeEach(() => {
  checkout = copyCheckout();
  // Two clusters: what stops the first must not begin the second.
  writeFileSync(
    join(checkout, "fleet.ts"),
    SMALL_FLEET.replace("clusters: {", `clusters: { next: playground({ network: { cidr: "10.40.0.0/18" } }),`),
  );
  writeFileSync(join(checkout, "fleet.state.json"), "{}\n");
});

afterEach(() => {
  rmSync(checkout, { recursive: true, force: true });
});

/** Processes that run within the checkout, by their working directory. */
const processes = (): readonly string[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(join("/proc", pid, "cwd")).startsWith(checkout);
      } catch {
        // It ended meanwhile.
        return false;
      }
    });

it.each([
  ["once", 1],
  ["twice", 2],
])(
  "a rehearsal that is interrupted %s ends, and leaves no Terraform and no lock",
  async (_times, signals) => {
    const child = execa(process.execPath, [join(checkout, "bin", "drydock.cjs"), "rehearse"], {
      cwd: checkout,
      reject: false,
      stdin: "ignore",
    });
    // Into the first step, when stacks are being applied.
    const log = join(checkout, ".drydock", "rehearsal", "next", "logs", "next-network.log");
    while (!existsSync(log)) await new Promise((resolve) => setTimeout(resolve, 20));
    for (let count = 0; count < signals; count += 1) {
      child.kill("SIGINT");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { exitCode, stderr, signal } = await child;
    // A second Ctrl-C that comes while everything is put away may also end the process by the signal itself.
    expect([130, "SIGINT"]).toContain(exitCode ?? signal);
    if (signals === 1) expect(exitCode).toBe(130);
    // A second Ctrl-C may end it before it has said so.
    if (signals === 1) expect(stderr).toContain("Interrupted; nothing is left running.");
    for (let waits = 0; waits < 50 && processes().length > 0; waits += 1) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(processes()).toEqual([]);
    expect(existsSync(join(checkout, ".drydock", "rehearsal", "dev"))).toBe(false);
    const files = readdirSync(join(checkout, ".drydock"), { recursive: true, encoding: "utf8" });
    // A lock of a process that is gone is taken over; after one Ctrl-C there is none.
    if (signals === 1) expect(files.filter((file) => file.endsWith(".lock") || file.endsWith(".lock.info"))).toEqual([]);
  },
  60_000,
);
