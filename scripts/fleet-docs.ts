import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fleetReference } from "./fleet-reference";

// Writes docs/fleet.md from the declaration's own comments.
const file = join(process.cwd(), "docs", "fleet.md");
writeFileSync(file, fleetReference(process.cwd()));
process.stdout.write("Wrote docs/fleet.md\n");
