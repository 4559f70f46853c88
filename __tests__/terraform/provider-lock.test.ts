import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { LOCK_FILE, lockedSources, lockedVersions, providerLock, writeProviderLock } from "../../terraform/provider-lock";
import { ROOT } from "../support/checkout";

const LOCK = providerLock(ROOT);

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "drydock-lock-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

it.each(["helm", "hashicorp/helm", "registry.terraform.io/hashicorp/helm"])(
  "a folder that requires %s gets the lock of Helm's provider",
  (source) => {
    writeProviderLock(LOCK, folder, [source]);
    expect(Object.keys(lockedSources(join(folder, LOCK_FILE)))).toEqual(["registry.terraform.io/hashicorp/helm"]);
  },
);

it.each(["registry.terraform.io/elsewhere/helm", "example.com/hashicorp/helm", "a/b/c/d", ""])(
  "a folder that requires %j gets no other provider's lock",
  (source) => {
    writeProviderLock(LOCK, folder, [source]);
    expect(readFileSync(join(folder, LOCK_FILE), "utf8")).toBe("");
  },
);

it("names the registry's providers without the registry", () => {
  const full = Object.entries(lockedSources(LOCK));
  expect(full.length).toBeGreaterThan(1);
  expect(lockedVersions(LOCK)).toEqual(
    Object.fromEntries(full.map(([name, version]) => [name.replace("registry.terraform.io/", ""), version])),
  );
});
