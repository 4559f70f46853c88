import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyCheckout } from "../support/checkout";
import { declareSmallFleet, drydock } from "../support/drydock";

let checkout = "";

beforeEach(() => {
  checkout = copyCheckout();
});

afterEach(() => {
  rmSync(checkout, { recursive: true, force: true });
});

/** How constructs have Terraform refuse to destroy what they make. */
const GUARD = "preventDestroy: true";

describe("a rehearsal that proves nothing fails", () => {
  const edit = (file: string, from: string, to: string): void => {
    const text = readFileSync(join(checkout, file), "utf8");
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    writeFileSync(join(checkout, file), text.replace(from, to));
  };

  it("when a protected cluster's programs refuse nothing", async () => {
    declareSmallFleet(checkout);
    edit("fleet.ts", `cidr: "10.30.0.0/18" }`, `cidr: "10.30.0.0/18" }, protect: true`);
    const constructs = readdirSync(join(checkout, "constructs"), { recursive: true, encoding: "utf8" }).map((file) =>
      join("constructs", file),
    );
    const guards = constructs.filter((file) => file.endsWith(".ts") && readFileSync(join(checkout, file), "utf8").includes(GUARD));
    expect(guards.length).toBeGreaterThan(3);
    for (const file of guards) edit(file, GUARD, "preventDestroy: false");
    const { exitCode, stdout } = await drydock(checkout, ["rehearse"]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain("nothing in its programs refuses to be destroyed");
  }, 300_000);

  it("when a type has no facts, and names the file to add", async () => {
    declareSmallFleet(checkout);
    rmSync(join(checkout, "facts", "providers", "aws", "aws_eks_addon.json"));
    const { exitCode, stderr } = await drydock(checkout, ["rehearse"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("Add facts/providers/aws/aws_eks_addon.json with their source.");
  }, 60_000);
});

describe("bad input", () => {
  it("an unknown cluster is named beside the known ones", async () => {
    const { exitCode, stderr } = await drydock(checkout, ["rehearse", "produktion"]);
    expect(exitCode).toBe(2);
    expect(stderr).toBe(`The fleet has no cluster "produktion"; it has production, staging, playground.`);
  });

  it("a corrupt world is a sentence and exit code 2", async () => {
    declareSmallFleet(checkout);
    expect((await drydock(checkout, ["stand-in", "--", "true"])).exitCode).toBe(0);
    writeFileSync(join(checkout, ".drydock", "stand-in", "world.json"), `{"version":1,"objects":`);
    const { exitCode, stderr } = await drydock(checkout, ["stand-in", "--", "true"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("world.json cannot be read");
    expect(stderr).toContain("start over with an empty world");
  });

  it("a folder that cannot be written is a sentence", async () => {
    declareSmallFleet(checkout);
    writeFileSync(join(checkout, ".drydock"), "a file in the way");
    const { exitCode, stderr } = await drydock(checkout, ["rehearse"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(".drydock cannot be written");
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it("two rehearsals at once: the second says who runs", async () => {
    declareSmallFleet(checkout);
    const first = drydock(checkout, ["rehearse", "--fault", "create-fails:dev-network/aws_vpc#1"]);
    while (!existsSync(join(checkout, ".drydock", "rehearsal.lock"))) await new Promise((resolve) => setTimeout(resolve, 20));
    const second = await drydock(checkout, ["rehearse"]);
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toMatch(/^A rehearsal runs already in this checkout \(process \d+\)\./);
    expect((await first).exitCode).toBe(0);
  }, 300_000);

  it.each([
    ["is missing", undefined, /Terraform is not on PATH; install version 1\.11\.0 or newer/],
    ["is too old", `#!/bin/sh\necho '{"terraform_version":"1.5.7"}'\n`, /Terraform 1\.5\.7 is too old; install version 1\.11\.0 or newer/],
  ])("Terraform %s", async (_how, script, words) => {
    const bin = join(checkout, "fake-bin");
    mkdirSync(bin);
    symlinkSync("/bin/sh", join(bin, "sh"));
    if (script !== undefined) {
      writeFileSync(join(bin, "terraform"), script);
      chmodSync(join(bin, "terraform"), 0o755);
    }
    const { exitCode, stderr } = await drydock(checkout, ["rehearse"], { env: { PATH: bin } });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(words);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
