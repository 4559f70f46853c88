import { appendFileSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import { CommandError } from "../config/command-error";
import { affectedStacks } from "../preview/affected";
import { applyStack, refuseDeviations } from "../preview/deploy/apply";
import { deviations } from "../preview/deploy/compare";
import { deployOrder } from "../preview/deploy/levels";
import { connectGithub } from "../preview/github/client";
import { mergedPullRequest, runOn } from "../preview/github/pull-request";
import { readUntrustedReport } from "../preview/github/untrusted-report";
import { importPrograms, realPair } from "../preview/programs";
import { baseRevision } from "../preview/revisions";
import { Interrupts } from "../terraform/interrupts";
import { requireTerraform } from "../terraform/terraform-binary";
import { findRoot } from "./root";

/** Most levels of stacks that deploy.yml has jobs for. */
const LEVELS_IN_WORKFLOW = 6;

interface StackOptions {
  readonly programs: string;
  readonly reviewed: string;
  readonly base: string;
}

/** `drydock deploy`: the steps of deploy.yml. For a deploy by hand there is `npx cdktf deploy`. */
export function deployCommand(): Command {
  const command = new Command("deploy").description("the steps of the deploy workflow: only what was reviewed is applied");
  command
    .command("reviewed")
    .description("find the run whose report was reviewed")
    .requiredOption("--commit <commit>", "merge commit that is deployed")
    .action(async ({ commit }: { readonly commit: string }) => {
      const github = connectGithub(process.env);
      const merged = await mergedPullRequest(github, commit);
      if (!merged)
        throw new CommandError(
          `${commit.slice(0, 7)} came by no pull request, so nobody reviewed it. Deploy what was merged through one.`,
          3,
        );
      const run = await runOn(github, "preview.yml", merged.head);
      if (run === undefined)
        throw new CommandError(`There is no preview of #${merged.number} at ${merged.head.slice(0, 7)}. Run preview.yml on it.`, 3);
      output("run-id", String(run));
      process.stdout.write(`#${merged.number} was reviewed with run ${run}\n`);
    });
  command
    .command("check")
    .description("stop unless a plan is the reviewed one, and say in which order it is applied")
    .requiredOption("--reviewed <report>", "report.json that was reviewed")
    .requiredOption("--planned <report>", "report.json of now")
    .action((options: { readonly reviewed: string; readonly planned: string }) => {
      const planned = readUntrustedReport(options.planned);
      refuseDeviations(deviations(readUntrustedReport(options.reviewed), planned));
      const { levels, removed } = deployOrder(planned);
      if (levels.length > LEVELS_IN_WORKFLOW)
        throw new CommandError(
          `The graph has ${levels.length} levels, and deploy.yml has jobs for ${LEVELS_IN_WORKFLOW}. Add some there.`,
          2,
        );
      for (let level = 0; level < LEVELS_IN_WORKFLOW; level += 1) output(`level${level}`, JSON.stringify(levels[level] ?? []));
      output("removed", JSON.stringify(removed));
      process.stdout.write(`${JSON.stringify({ levels, removed })}\n`);
    });
  command
    .command("stack")
    .description("plan one stack again and apply it if that is still the reviewed plan; a removed one is destroyed")
    .argument("<stack>")
    .requiredOption("--programs <folder>", "what drydock preview --synth-only wrote")
    .requiredOption("--reviewed <report>", "report.json that was reviewed")
    .requiredOption("--base <revision>", "revision that was deployed before")
    .action(async (name: string, options: StackOptions) => {
      await requireTerraform();
      const root = findRoot();
      importPrograms(root, await baseRevision(root, options.base), resolve(options.programs));
      const pair = realPair(root);
      const stack = affectedStacks(pair.base, pair.head).find((affected) => affected.name === name);
      if (!stack) throw new CommandError(`Nothing differs in ${name} between ${options.base} and what is deployed.`, 2);
      const { done } = await applyStack({ root, stack, reviewed: readUntrustedReport(options.reviewed), interrupts: new Interrupts() });
      process.stdout.write(`${name}: ${done}\n`);
    });
  return command;
}

/** Hands a value to later steps and jobs of a workflow. */
function output(name: string, value: string): void {
  const { GITHUB_OUTPUT: file } = process.env;
  if (file !== undefined && file !== "") appendFileSync(file, `${name}=${value}\n`);
}
