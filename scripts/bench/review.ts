import { execa } from "execa";
import { REVIEW_CASES } from "./review-cases";

/** What a review takes for large input, and for input that tries to take more. */
export async function benchReview(): Promise<void> {
  process.stdout.write("Reviews (goals: the first in 5 s and 500 MB, every other in 30 s and 1,000 MB)\n");
  for (const name of Object.keys(REVIEW_CASES)) {
    const { stdout } = await execa(process.execPath, ["bin/run.cjs", "scripts/bench/review-case.ts", name], { stdin: "ignore" });
    const { seconds, megabytes } = JSON.parse(stdout) as { readonly seconds: number; readonly megabytes: number };
    process.stdout.write(`  ${name.padEnd(98)} ${seconds.toFixed(1)} s ${megabytes.toFixed(0)} MB\n`);
  }
}
