import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { commandReference } from "../scripts/command-reference";
import { fleetReference } from "../scripts/fleet-reference";
import { platformReference } from "../scripts/platform-reference";
import { ROOT } from "./support/checkout";

const text = (file: string) => readFileSync(join(ROOT, file), "utf8");

it("docs/fleet.md says what the declaration's comments say (npm run docs writes it)", () => {
  expect(text("docs/fleet.md")).toBe(fleetReference(ROOT));
});

it("docs/platform.md says what the releases' comments say (npm run docs writes it)", () => {
  expect(text("docs/platform.md")).toBe(platformReference(ROOT));
});

it("docs/commands.md says what the commands say of themselves (npm run docs writes it)", () => {
  expect(text("docs/commands.md")).toBe(commandReference());
});

it("docs/security.md names only tests that exist", () => {
  const held = [...text("docs/security.md").matchAll(/`([\w/-]+\.test\.ts)`(?:: ([^|]+?) \||)/g)];
  expect(held.length).toBeGreaterThan(18);
  for (const [, file = "", name = ""] of held) expect(text(join("__tests__", file)), `${file}: ${name}`).toContain(name);
});

describe("documents", () => {
  const documents = [
    "README.md",
    "CONTRIBUTING.md",
    ...readdirSync(join(ROOT, "docs"))
      .filter((file) => file.endsWith(".md"))
      .map((file) => `docs/${file}`),
  ];

  it.each(documents)("%s links only to files that exist", (file) => {
    const links = [...text(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)].map(([, link = ""]) => link);
    for (const link of links) expect(() => readFileSync(join(ROOT, file, "..", link))).not.toThrow(/ENOENT/);
  });

  it.each(documents)("%s names only npm scripts and commands that exist", async (file) => {
    const { scripts } = JSON.parse(text("package.json")) as { scripts: Record<string, string> };
    for (const [, script = ""] of text(file).matchAll(/npm run ([a-z:-]+)/g)) expect(Object.keys(scripts)).toContain(script);
    const { stdout: help } = await execa(process.execPath, [join(ROOT, "bin", "drydock.cjs"), "--help"]);
    for (const [, command = ""] of text(file).matchAll(/npx drydock ([a-z-]+)/g)) expect(help).toContain(`\n  ${command}`);
  });
});
