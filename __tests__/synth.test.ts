import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packageName, type LockedChart } from "../config/chart-lock";
import { copyCheckout, ROOT } from "./support/checkout";

let checkout = "";

beforeEach(() => {
  checkout = copyCheckout();
});

afterEach(() => {
  rmSync(checkout, { recursive: true });
});

const run = (command: string, args: readonly string[]) =>
  execa(command, args, {
    cwd: checkout,
    reject: false,
    stdin: "ignore",
    env: { CI: "1", CHECKPOINT_DISABLE: "1", DISABLE_VERSION_CHECK: "1", FORCE_COLOR: "0" },
  });
const synth = () => run(process.execPath, ["bin/synth.cjs"]);
const edit = (file: string, from: string, to: string) => {
  const text = readFileSync(join(checkout, file), "utf8");
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  writeFileSync(join(checkout, file), text.replace(from, to));
};

describe("a wrong fleet", () => {
  it("lists its problems, exits 2, shows no stack trace, and leaves the previous program as it was", async () => {
    expect((await synth()).exitCode).toBe(0);
    const before = readFileSync(join(checkout, "cdktf.out", "manifest.json"), "utf8");
    const program = readFileSync(join(checkout, "cdktf.out", "stacks", "production-network", "cdk.tf.json"), "utf8");
    edit("fleet.ts", `cidr: "10.20.0.0/16"`, `cidr: "10.10.0.0/16"`);
    edit("fleet.state.json", `"1.35"`, `"1.53"`);
    const result = await synth();
    expect(result.exitCode).toBe(2);
    expect(result.stdout).toBe("");
    expect(result.stderr).toContain("The fleet has 2 problems; nothing was written.");
    expect(result.stderr).toContain("use one of 1.35, 1.36, which versions.json pins");
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect(readFileSync(join(checkout, "cdktf.out", "manifest.json"), "utf8")).toBe(before);
    expect(readFileSync(join(checkout, "cdktf.out", "stacks", "production-network", "cdk.tf.json"), "utf8")).toBe(program);
  });

  it("writes nothing at all where nothing was", async () => {
    writeFileSync(join(checkout, "fleet.state.json"), "{ not json");
    const result = await synth();
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain("fleet.state.json");
    expect(result.stderr).toContain("is not JSON");
    expect(existsSync(join(checkout, "cdktf.out"))).toBe(false);
  });

  it("that names what does not exist says so, without a stack trace", async () => {
    edit("fleet.ts", "staging: staging({", "staging: stagin({");
    const result = await synth();
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toBe("fleet.ts: stagin is not defined; nothing was written.");
  });

  it("that does not compile says where, and exits 2", async () => {
    edit("fleet.ts", "export default", "export defualt");
    const result = await synth();
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain("fleet.ts:");
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });
});

describe("chart packages", () => {
  it("that are missing are said on stderr, and the programs are whole all the same", async () => {
    const result = await synth();
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toBe("");
    expect(result.stderr).toMatch(
      /^\d+ chart packages are missing, such as \S+\.tgz\. Run npx drydock charts pull before planning a platform\.$/,
    );
    const placed = readdirSync(join(checkout, "cdktf.out", "charts"));
    expect(placed.length).toBeGreaterThan(0);
    expect(placed.every((file) => readdirSync(join(checkout, "local-charts")).some((chart) => file.startsWith(`${chart}-`)))).toBe(true);
  });

  it("that are not what the lock says stop the synthesis", async () => {
    const { charts } = JSON.parse(readFileSync(join(checkout, "charts.lock.json"), "utf8")) as { charts: Record<string, LockedChart> };
    const velero = { ...charts["velero"], name: "velero" } as LockedChart;
    mkdirSync(join(checkout, "vendor", "charts"), { recursive: true });
    writeFileSync(join(checkout, "vendor", "charts", packageName(velero)), "something else");
    const result = await synth();
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain(`vendor/charts/${packageName(velero)}`);
    expect(result.stderr).toContain("delete it and run npx drydock charts pull");
    expect(existsSync(join(checkout, "cdktf.out"))).toBe(false);
  });
});

describe("the cdktf CLI", () => {
  it("synthesizes and lists the stacks without a registry, and puts the provider lock beside each", async () => {
    const list = await run(join(checkout, "node_modules", ".bin", "cdktf"), ["list"]);
    expect(list.stdout + list.stderr).toContain("production-blue-cluster");
    const result = await run(join(checkout, "node_modules", ".bin", "cdktf"), ["synth"]);
    expect(result.exitCode, result.stderr).toBe(0);
    const lock = readFileSync(join(checkout, "cdktf.out", "stacks", "production-traffic", ".terraform.lock.hcl"), "utf8");
    // Exactly what the stack requires: Terraform refuses a locked folder that names more.
    expect([...lock.matchAll(/^provider "([^"]+)"/gm)].map(([, name]) => name)).toEqual(["registry.terraform.io/hashicorp/aws"]);
    expect(readFileSync(join(ROOT, "providers.lock.hcl"), "utf8")).toContain(lock.trim());
    expect(result.stdout + result.stderr).toMatch(/\d+ chart packages are missing, such as [^]*npx drydock charts pull/);
  });

  it("exits 1 on a wrong fleet and shows its problems", async () => {
    edit("fleet.ts", `cidr: "10.20.0.0/16"`, `cidr: "10.10.0.0/16"`);
    const result = await run(join(checkout, "node_modules", ".bin", "cdktf"), ["synth"]);
    expect(result.exitCode).toBe(1);
    expect(result.stdout + result.stderr).toContain("overlaps 10.10.0.0/16 of production");
  });
});
