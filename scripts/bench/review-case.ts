import { REVIEW_CASES } from "./review-cases";

// One case of the benchmark "review": prints seconds and megabytes, as JSON.
async function main(): Promise<void> {
  const work = REVIEW_CASES[process.argv[2] ?? ""]?.();
  if (!work) throw new Error("There is no such case.");
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(JSON.stringify({ seconds, megabytes: process.resourceUsage().maxRSS / 1024 }));
}

void main();
