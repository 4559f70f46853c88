import { existsSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, it } from "vitest";
import { copyCheckout } from "../support/checkout";
import { SMALL_FLEET } from "../support/drydock";

let checkout = "";

beforeEach(() => {
  checkout = copyCheckout();
  writeFileSync(join(checkout, "fleet.ts"), SMALL_FLEET);
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
    const log = join(checkout, ".drydock", "rehearsal", "dev", "logs", "dev-network.log");
    while (!existsSync(log)) await new Promise((resolve) => setTimeout(resolve, 20));
    for (let count = 0; count < signals; count += 1) {
      child.kill("SIGINT");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { exitCode, stdout } = await child;
    expect(exitCode).toBe(1);
    expect(stdout).toContain("FAILED");
    expect(processes()).toEqual([]);
    const files = readdirSync(join(checkout, ".drydock"), { recursive: true, encoding: "utf8" });
    expect(files.filter((file) => file.endsWith(".lock") || (signals === 1 && file.endsWith(".lock.info")))).toEqual([]);
  },
  60_000,
);
