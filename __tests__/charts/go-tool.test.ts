import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { builtOnce } from "../../charts/build-cache";
import { goTool, GoMissing } from "../../charts/go-tool";

const TOOL = { module: "example.org/tools/cmd/thing", version: "v1.2.3", binary: "thing" };

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "drydock-cache-"));
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A `go` on PATH that notes how it was called. */
function fakeGo(script: string): void {
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin", "go"), `#!/bin/sh\necho "$@" >> "${folder}/calls"\n${script}\n`);
  chmodSync(join(folder, "bin", "go"), 0o755);
  vi.stubEnv("PATH", `${join(folder, "bin")}:/usr/bin:/bin`);
}

const calls = () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
const leftovers = (file: string) => readdirSync(dirname(file)).filter((name) => name !== "thing");

it("builds a program once, at the version it is asked for", async () => {
  fakeGo('sleep 0.3; echo built > "$GOBIN/thing"');
  const [first, second] = await Promise.all([goTool(TOOL), goTool(TOOL)]);
  const third = await goTool(TOOL);
  expect(calls()).toEqual(["install example.org/tools/cmd/thing@v1.2.3"]);
  expect(new Set([first, second, third]).size).toBe(1);
  expect(readFileSync(first, "utf8")).toBe("built\n");
  expect(leftovers(first)).toEqual([]);
});

it("says that Go is missing, and which program needs it", async () => {
  vi.stubEnv("PATH", join(folder, "nothing"));
  await expect(goTool(TOOL)).rejects.toThrow(GoMissing);
  await expect(goTool(TOOL)).rejects.toThrow(/^thing v1\.2\.3 is built with Go, which is not on PATH\. Install Go/);
});

it("says what Go said when a build fails, and leaves nothing that looks built", async () => {
  fakeGo('echo half > "$GOBIN/thing"; echo "go: downloading x"; echo "no such version" >&2; exit 1');
  await expect(goTool(TOOL)).rejects.toThrow("thing v1.2.3 could not be built: no such version");
  await expect(goTool(TOOL)).rejects.toThrow("could not be built");
  expect(calls()).toHaveLength(2);
});

it("takes over what a killed build left, and rebuilds what is empty", async () => {
  const file = join(folder, "cache", "drydock", "a", "b");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.lock`, "999999999");
  writeFileSync(file, "");
  mkdirSync(`${file}.partial-killed`);
  await builtOnce("a/b", async (target) => {
    await Promise.resolve();
    writeFileSync(target, "whole");
  });
  expect(readFileSync(file, "utf8")).toBe("whole");
  expect(readdirSync(dirname(file))).toEqual(["b"]);
});

it("waits for a build in another process", async () => {
  const file = join(folder, "cache", "drydock", "a", "b");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.lock`, String(process.ppid));
  const build = vi.fn();
  const waiting = builtOnce("a/b", build);
  await sleep(300);
  writeFileSync(file, "by another");
  rmSync(`${file}.lock`);
  expect(statSync(await waiting).size).toBe(10);
  expect(build).not.toHaveBeenCalled();
});

it("says where to turn when the cache cannot be written", async () => {
  writeFileSync(join(folder, "cache"), "a file where a folder belongs");
  await expect(builtOnce("a/b", () => Promise.resolve())).rejects.toThrow("Set XDG_CACHE_HOME to a folder that can.");
});
