import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { ROOT } from "./support/checkout";

it("the fork cdktn synthesizes the same programs", async () => {
  const { stdout } = await execa(process.execPath, [join(ROOT, "bin", "run.cjs"), "scripts/compat.ts"], { cwd: ROOT });
  expect(stdout).toMatch(/^cdktf and cdktn give the same 11 programs\.$/);
});
