import { benchKubernetes } from "./kubernetes";
import { benchPreview } from "./preview";
import { benchRedaction } from "./redaction";
import { benchRehearsal } from "./rehearsal";
import { benchReview } from "./review";
import { benchSynthesis } from "./synthesis";

// npm run bench [name...]: prints figures; goals stand in docs/architecture.md. Never a test: machines are noisy.
const BENCHMARKS: Readonly<Record<string, () => Promise<void>>> = {
  synthesis: benchSynthesis,
  rehearsal: benchRehearsal,
  preview: benchPreview,
  redaction: benchRedaction,
  review: benchReview,
  kubernetes: benchKubernetes,
};

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !Object.hasOwn(BENCHMARKS, name));
  if (unknown.length > 0) {
    process.stderr.write(`There is no benchmark ${unknown.join(", ")}; there are ${Object.keys(BENCHMARKS).join(", ")}.\n`);
    process.exitCode = 2;
    return;
  }
  // On real APIs only when asked for: it needs Go, and builds for minutes the first time.
  const chosen = wanted.length === 0 ? ["synthesis", "rehearsal", "redaction", "review"] : wanted;
  for (const [name, bench] of Object.entries(BENCHMARKS)) if (chosen.includes(name)) await bench();
}

void main();
