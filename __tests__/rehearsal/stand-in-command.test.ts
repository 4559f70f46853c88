import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyCheckout } from "../support/checkout";
import { drydock, SMALL_FLEET } from "../support/drydock";

let checkout = "";

beforeAll(() => {
  checkout = copyCheckout();
  writeFileSync(join(checkout, "fleet.ts"), SMALL_FLEET);
  writeFileSync(join(checkout, "fleet.state.json"), JSON.stringify({ dev: { colours: { blue: { kubernetes: "1.36", weight: 100 } } } }));
});

afterAll(() => {
  rmSync(checkout, { recursive: true, force: true });
});

const world = () =>
  (JSON.parse(readFileSync(join(checkout, ".drydock", "stand-in", "world.json"), "utf8")) as { objects: { type: string }[] }).objects;

// Each test goes on where the one before it ended, as a person's day does.
describe("the cdktf CLI under the stand-in", () => {
  it("deploys every stack", async () => {
    const { exitCode, stdout, stderr } = await drydock(checkout, ["stand-in", "--", "npx", "cdktf", "deploy", "*", "--auto-approve"]);
    expect(exitCode, stdout + stderr).toBe(0);
    expect(world().filter(({ type }) => type === "aws_eks_cluster")).toHaveLength(1);
    expect(existsSync(join(checkout, ".drydock", "stand-in", "state", "dev-network.tfstate"))).toBe(true);
    expect(existsSync(join(checkout, ".drydock", "stand-in", "state", "dev-network.program.tf.json"))).toBe(true);
    // The user's own output folder and state are not even made.
    expect(existsSync(join(checkout, "cdktf.out"))).toBe(false);
    expect(existsSync(join(checkout, ".terraform-state"))).toBe(false);
  }, 180_000);

  it("sees no difference, and then what was changed by hand", async () => {
    const unchanged = await drydock(checkout, ["stand-in", "--", "npx", "cdktf", "diff", "dev-data"]);
    expect(unchanged.stdout).toContain("No changes");
    const address = Object.keys(
      (
        JSON.parse(readFileSync(join(checkout, ".drydock", "stand-in", "cdktf.out", "stacks", "dev-data", "cdk.tf.json"), "utf8")) as {
          resource: { aws_kms_key: object };
        }
      ).resource.aws_kms_key,
    )[0];
    expect((await drydock(checkout, ["world", "set", `dev-data/aws_kms_key.${address ?? ""}`, `description="by hand"`])).exitCode).toBe(0);
    const changed = await drydock(checkout, ["stand-in", "--", "npx", "cdktf", "diff", "dev-data"]);
    expect(changed.stdout).toContain("by hand");
    expect(changed.stdout).toMatch(/1 to change/);
  }, 120_000);

  it("finds nothing to recover while every object is known", async () => {
    const { exitCode, stdout } = await drydock(checkout, ["recover"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^There is nothing to recover/);
  }, 60_000);

  it("destroys every stack", async () => {
    const { exitCode, stdout, stderr } = await drydock(checkout, ["stand-in", "--", "npx", "cdktf", "destroy", "*", "--auto-approve"]);
    expect(exitCode, stdout + stderr).toBe(0);
    expect(world()).toEqual([]);
  }, 180_000);
});

it("a command that does not exist says so", async () => {
  const { exitCode, stderr } = await drydock(checkout, ["stand-in", "--", "nosuchcommand"]);
  expect(exitCode).toBe(127);
  expect(stderr).toContain("nosuchcommand: command not found");
});

describe("the world, edited by hand", () => {
  it("names the nearest address for a wrong one", async () => {
    const { exitCode, stderr } = await drydock(checkout, ["world", "delete", "aws_vpc.nothing"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("No state has aws_vpc.nothing");
  });

  it("wants JSON", async () => {
    const { exitCode, stderr } = await drydock(checkout, ["world", "set", "aws_vpc.x", "description=by hand"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("is not JSON");
  });
});
