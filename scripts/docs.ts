import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandReference } from "./command-reference";
import { fleetReference } from "./fleet-reference";
import { platformReference } from "./platform-reference";

// Writes docs/fleet.md and docs/platform.md from the comments of the declaration and of the releases, and docs/commands.md.
const root = process.cwd();
for (const [file, text] of [
  ["docs/fleet.md", fleetReference(root)],
  ["docs/platform.md", platformReference(root)],
  ["docs/commands.md", commandReference()],
] as const) {
  writeFileSync(join(root, file), text);
  process.stdout.write(`Wrote ${file}\n`);
}
