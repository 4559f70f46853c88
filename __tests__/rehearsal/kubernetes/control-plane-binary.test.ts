import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { cached, controlPlaneBinary, localMinors } from "../../../rehearsal/kubernetes/control-plane-binary";
import { ROOT } from "../../support/checkout";
import { MINOR } from "../../support/kubernetes";

const DAY_MS = 24 * 60 * 60 * 1000;

let cache = "";

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "drydock-test-"));
  vi.stubEnv("XDG_CACHE_HOME", cache);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true, force: true });
});

/** Something in the cache that was used some days ago. */
function usedBefore(days: number, name: string): string {
  const file = join(cache, "drydock", name);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, "a control plane");
  const then = new Date(Date.now() - days * DAY_MS);
  utimesSync(file, then, then);
  return file;
}

it("names the minors that can be built when another is asked for", async () => {
  await expect(controlPlaneBinary(ROOT, "1.12")).rejects.toThrow(
    `There is no local control plane of Kubernetes 1.12; there are ${localMinors(ROOT).join(", ")}.`,
  );
});

it("is taken from the cache, where what nobody uses any more goes after 30 days", async () => {
  const own = localMinors(ROOT).map((minor) => usedBefore(60, cached(ROOT, minor).name));
  const forgotten = usedBefore(31, "control-planes/v1.30.0-0123456789ab-linux-x64");
  const halfBuilt = usedBefore(31, "control-planes/v1.30.0-0123456789ab-linux-x64.partial-abc/go.mod");
  utimesSync(join(halfBuilt, ".."), new Date(0), new Date(0));
  const ofAnotherCheckout = usedBefore(29, "control-planes/v1.31.0-0123456789ab-linux-x64");

  const { file } = await controlPlaneBinary(ROOT, MINOR);
  expect(own).toContain(file);
  expect(own.filter(existsSync)).toEqual(own);
  expect(Date.now() - statSync(file).mtimeMs).toBeLessThan(DAY_MS);
  expect([forgotten, halfBuilt].filter(existsSync)).toEqual([]);
  expect(existsSync(ofAnotherCheckout)).toBe(true);
});
