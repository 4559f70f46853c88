import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, expect, it } from "vitest";
import { goldenValues } from "../scripts/golden-values";
import { copyCheckout, ROOT } from "./support/checkout";

const golden = join(ROOT, "__tests__", "golden");
const [here, elsewhere] = [copyCheckout(), copyCheckout(3)];

afterAll(() => {
  rmSync(here, { recursive: true });
  rmSync(elsewhere, { recursive: true });
});

/** Runs the real entry, as cdktf does, and reads what it wrote. */
async function programs(folder: string, env: Record<string, string> = {}): Promise<Record<string, string>> {
  await execa(process.execPath, [join(folder, "bin", "synth.cjs")], { cwd: folder, env });
  const stacks = join(folder, "cdktf.out", "stacks");
  return Object.fromEntries(
    readdirSync(stacks).map((stack) => [`${stack}.tf.json`, readFileSync(join(stacks, stack, "cdk.tf.json"), "utf8")]),
  );
}

it("the example's programs are the reviewed ones (npm run golden refreshes them)", async () => {
  const files = readdirSync(golden).filter((file) => file.endsWith(".tf.json"));
  const reviewed = Object.fromEntries(files.map((file) => [file, readFileSync(join(golden, file), "utf8")]));
  expect(await programs(here)).toEqual(reviewed);
});

it("the values of every release are the reviewed ones", () => {
  const folder = join(golden, "values");
  const reviewed = Object.fromEntries(
    readdirSync(folder).map((file) => [file.replace(/\.json$/, ""), JSON.parse(readFileSync(join(folder, file), "utf8")) as unknown]),
  );
  expect(goldenValues(ROOT)).toEqual(reviewed);
});

it("another folder and another day give the same bytes, and name no path of the machine", async () => {
  const preload = join(elsewhere, "next-year.cjs");
  writeFileSync(
    preload,
    "const Real = Date; globalThis.Date = class extends Real { constructor(...given) { super(...(given.length ? given : [Real.now() + 4e10])); } static now() { return Real.now() + 4e10; } };\n",
  );
  const there = await programs(elsewhere, { NODE_OPTIONS: `--require ${preload}`, TZ: "Asia/Tokyo", LANG: "de_DE.UTF-8" });
  expect(there).toEqual(await programs(here));
  for (const text of Object.values(there)) expect(text).not.toContain(elsewhere);
});
