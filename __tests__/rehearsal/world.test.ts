import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { World, type WorldObject } from "../../rehearsal/world";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "drydock-world-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const vpc = (id: string): WorldObject => ({
  key: `aws_vpc/${id}`,
  type: "aws_vpc",
  account: "1",
  region: "eu-west-1",
  cluster: "",
  stack: "dev-network",
  attributes: { id },
});

it("remembers what exists and what was deleted", () => {
  const file = join(folder, "world.json");
  const world = new World(file);
  world.put(vpc("vpc-0123456789abcdef0"));
  world.put(vpc("vpc-0123456789abcdef1"));
  world.delete("aws_vpc/vpc-0123456789abcdef0");
  const number = world.nextSequence();
  world.save();
  const again = new World(file);
  expect(again.all().map(({ key }) => key)).toEqual(["aws_vpc/vpc-0123456789abcdef1"]);
  expect(again.wasDeleted("vpc-0123456789abcdef0")).toBe(true);
  expect(again.wasDeleted("vpc-0000000000000000f")).toBe(false);
  expect(again.nextSequence()).toBe(number + 1);
});

it("writes in batches, to a temporary file first", async () => {
  const file = join(folder, "world.json");
  const world = new World(file);
  for (let index = 0; index < 100; index += 1) world.put(vpc(`vpc-${index}`));
  expect(existsSync(file)).toBe(false);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect((JSON.parse(readFileSync(file, "utf8")) as { objects: unknown[] }).objects).toHaveLength(100);
  expect(readdirSync(folder)).toEqual(["world.json"]);
});

it("that cannot be written refuses further changes in a sentence", async () => {
  writeFileSync(join(folder, "in-the-way"), "");
  const world = new World(join(folder, "in-the-way", "world.json"));
  world.put(vpc("vpc-1"));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(() => {
    world.put(vpc("vpc-2"));
  }).toThrow(/The world cannot be written to .*world\.json/);
});

it("comes back to a snapshot, numbers included", () => {
  const world = new World(join(folder, "world.json"));
  world.put(vpc("vpc-1"));
  const snapshot = world.snapshot();
  const number = world.nextSequence();
  world.put(vpc("vpc-2"));
  world.restore(snapshot);
  expect(world.all().map(({ key }) => key)).toEqual(["aws_vpc/vpc-1"]);
  expect(world.ofType("aws_vpc")).toHaveLength(1);
  expect(world.nextSequence()).toBe(number);
});
