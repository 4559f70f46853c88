import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { stringify } from "yaml";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readArchive, writeArchive } from "../../../charts/archive";
import { readLock } from "../../../charts/lock";
import { chartsOf, crdsPackageName, LOCK_FILE, PACKAGE_FOLDER, packageName } from "../../../config/chart-lock";
import { ChartFinder } from "../../../rehearsal/kubernetes/chart-finder";
import { ROOT } from "../../support/checkout";

let root = "";
let finder: ChartFinder;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "drydock-charts-"));
  mkdirSync(join(root, PACKAGE_FOLDER), { recursive: true });
  copyFileSync(join(ROOT, LOCK_FILE), join(root, LOCK_FILE));
  finder = new ChartFinder(root, join(root, "cdktf.out"), join(root, "stubs"));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

const [derived] = chartsOf(readLock(join(ROOT, LOCK_FILE))).filter(({ crds }) => crds.way === "derived");
if (!derived) throw new Error("The lock has no chart whose definitions are derived.");

/** Puts a package with definitions of its own where `charts pull` would. */
async function pulled(): Promise<void> {
  const definitions = derived?.crds.names.map((name) => stringify({ kind: "CustomResourceDefinition", metadata: { name }, own: "words" }));
  const bytes = await writeArchive([{ name: "demo/crds/all.yaml", content: (definitions ?? []).join("---\n") }]);
  if (derived) writeFileSync(join(root, PACKAGE_FOLDER, packageName(derived)), bytes);
}

const contentOf = async (file: string): Promise<string> => (await readArchive(readFileSync(file))).map(({ content }) => content).join("\n");

describe("packages of charts", () => {
  it("are stubs, and named so, where nothing was pulled", async () => {
    expect(await contentOf(await finder.find(`../../charts/${crdsPackageName(derived)}`))).not.toContain("own: words");
    expect([...finder.stubbed]).toEqual([derived.name]);
  });

  it("hold the chart's own definitions where only its derived package is missing", async () => {
    await pulled();
    expect(await contentOf(await finder.find(`../../charts/${crdsPackageName(derived)}`))).toContain("own: words");
    expect([...finder.stubbed]).toEqual([]);
  });

  it("are laid where programs name them", async () => {
    await pulled();
    await finder.place([packageName(derived), crdsPackageName(derived), packageName(derived)].map((file) => `../../charts/${file}`));
    for (const file of [packageName(derived), crdsPackageName(derived)])
      expect((await readArchive(readFileSync(join(root, "cdktf.out", "charts", basename(file))))).length, file).toBeGreaterThan(0);
  });
});
