import { join, relative, resolve } from "node:path";
import { Command } from "commander";
import { LOCK_FILE, PACKAGE_FOLDER } from "../config/chart-lock";
import { pullCharts, verifyCharts, type PulledChart } from "../charts/pull";
import { plainTable } from "../rehearsal/report/table";
import { toTerminal } from "./progress";
import { findRoot } from "./root";

interface ChartsOptions {
  readonly lock?: string;
  readonly recordedOnly?: boolean;
  readonly json?: boolean;
}

const PARALLEL = 6;

const RECORDED_ONLY = "fail for a chart whose digest the lock lacks, and never write the lock: for jobs with credentials";

/** `drydock charts`: the packages of the lock. */
export function chartsCommand(): Command {
  const command = new Command("charts").description("bring in and check the chart packages that charts.lock.json pins");
  command
    .command("pull")
    .description("download packages that are missing, check their digests, record those the lock lacks")
    .option("--lock <file>", "another lock", LOCK_FILE)
    .option("--recorded-only", RECORDED_ONLY)
    .option("--json", "print the result for scripts")
    .action(async (options: ChartsOptions) => {
      const { lockFile, folder } = placesOf(options);
      const { recordedOnly } = options;
      const today = new Date().toISOString().slice(0, 10);
      const onEnd = (result: PulledChart): void => {
        toTerminal(`${result.status} ${result.chart}`);
      };
      const results = await pullCharts({ lockFile, folder, parallel: PARALLEL, today, recordedOnly, onEnd });
      const rows = results.map((result) =>
        result.status === "failed"
          ? [result.chart, "FAILED", result.reason]
          : [result.chart, WORDS[result.status], relative(process.cwd(), join(folder, result.file))],
      );
      print(results, rows, options);
      process.exitCode = results.some(({ status }) => status === "failed") ? 1 : 0;
    });
  command
    .command("verify")
    .description("check the packages that are there against the lock, without a network")
    .option("--lock <file>", "another lock", LOCK_FILE)
    .option("--recorded-only", RECORDED_ONLY)
    .option("--json", "print the result for scripts")
    .action(async (options: ChartsOptions) => {
      const { lockFile, folder } = placesOf(options);
      const results = await verifyCharts(lockFile, folder, options);
      const rows = results.map(({ chart, file, problem }) => [
        chart,
        problem === "" ? "ok" : "!!",
        problem === "" ? file : `${file} ${problem}`,
      ]);
      print(results, rows, options);
      process.exitCode = results.some(({ problem }) => problem !== "") ? 1 : 0;
    });
  return command;
}

function print(results: readonly object[], rows: string[][], { json }: ChartsOptions): void {
  process.stdout.write(json ? `${JSON.stringify(results, null, 2)}\n` : `${plainTable(["Chart", "", ""], rows)}\n`);
}

const WORDS = {
  present: "is there already",
  pulled: "pulled",
  recorded: "pulled; its digest was recorded in the lock, review it",
} as const;

function placesOf({ lock = LOCK_FILE }: ChartsOptions): { lockFile: string; folder: string } {
  const root = findRoot();
  return { lockFile: lock === LOCK_FILE ? join(root, LOCK_FILE) : resolve(lock), folder: join(root, PACKAGE_FOLDER) };
}
