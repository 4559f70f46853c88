import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { reviewKey } from "../../preview/review-key";
import type { ProgramStack } from "../../terraform/program";
import { aFleet, resolved } from "../support/fleets";
import { KmsServer } from "../support/kms";
import { synthesized } from "../support/synth";

let kms: KmsServer;
const base: readonly ProgramStack[] = synthesized(resolved(aFleet({ github: { repository: "acme/platform" } }))).stacks;

beforeEach(async () => {
  kms = await KmsServer.open();
  for (const [name, value] of Object.entries(kms.environment)) vi.stubEnv(name, value);
});
afterEach(() => {
  vi.unstubAllEnvs();
  kms.close();
});

it("is the same for every plan and deploy of a fleet, and comes from the key that its foundation declares", async () => {
  const key = await reviewKey(base);
  expect(key).toHaveLength(32);
  expect(await reviewKey(base)).toEqual(key);
  expect(kms.requests).toEqual(["TrentService.GenerateMac", "TrentService.GenerateMac"]);
});

it("is none where the fleet declares none, where it is not made yet, and for whoever may not use it", async () => {
  expect(await reviewKey(synthesized(resolved(aFleet())).stacks)).toBeUndefined();
  expect(kms.requests).toEqual([]);
  kms.allowed = false;
  expect(await reviewKey(base)).toBeUndefined();
  kms.alias = "alias/another-review";
  expect(await reviewKey(base)).toBeUndefined();
});

it("says so when KMS cannot be asked", async () => {
  kms.close();
  await expect(reviewKey(base)).rejects.toThrow("KMS cannot be asked for the key of the review, alias/tiny-review in eu-west-1");
});
