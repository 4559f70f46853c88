import { rmSync } from "node:fs";
import { join, relative } from "node:path";
import { Command } from "commander";
import { Listr } from "listr2";
import { clustersOf, LifeCycle, type StepReport } from "../rehearsal/life-cycle";
import { takeLock } from "../rehearsal/lock";
import { startStandIn } from "../rehearsal/stand-in";
import { CommandError } from "../terraform/command-error";
import { synthesize } from "../terraform/synthesize";
import { requireTerraform } from "../terraform/terraform-binary";
import { findRoot } from "./root";

interface RehearseOptions {
  readonly json?: boolean;
  readonly parallel: string;
}

/** `drydock rehearse`: a cluster's whole life, with real Terraform and the stand-in where AWS would be. */
export function rehearseCommand(): Command {
  return new Command("rehearse")
    .description("rehearse the life of clusters: create, upgrade, switch, retire, destroy, bring back")
    .argument("[cluster...]", "which clusters; all by default")
    .option("--parallel <n>", "most stacks at once", "2")
    .option("--json", "print the report for scripts")
    .action(async (names: string[], options: RehearseOptions) => {
      await requireTerraform();
      const root = findRoot();
      const release = takeLock(join(root, ".drydock", "rehearsal.lock"), "A rehearsal");
      try {
        const outdir = join(root, ".drydock", "fleet");
        await synthesize({ root, outdir, overrides: { localState: join(root, ".drydock", "fleet", "state") } });
        for (const cluster of clustersOf(outdir, names)) {
          const folder = join(root, ".drydock", "rehearsal", cluster.name);
          rmSync(folder, { recursive: true, force: true });
          const standIn = await startStandIn(root, folder);
          try {
            const life = new LifeCycle({ root, cluster, standIn, parallel: Number(options.parallel) });
            const reports: StepReport[] = [];
            await new Listr(
              life.steps.map((step) => ({
                title: `${cluster.name}: ${step.title}`,
                task: async (_: unknown, task: { output: string }) => {
                  const report = await life.run(step, (text) => {
                    task.output = text;
                  });
                  reports.push(report);
                  console.error(
                    step.id,
                    report.ok,
                    report.wallSeconds.toFixed(1),
                    report.counts,
                    report.prediction.median,
                    report.prediction.p90,
                    report.problems.slice(0, 5),
                  );
                  if (!report.ok) throw new CommandError("", 1);
                },
              })),
              { renderer: "silent" },
            ).run();
          } finally {
            standIn.stop();
          }
          void relative;
        }
      } finally {
        release();
      }
    });
}
