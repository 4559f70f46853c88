import { Command } from "commander";
import { CommandError } from "../config/command-error";
import { affectedStacks, type AffectedStack } from "../preview/affected";
import { applyStack, refuseDeviations } from "../preview/deploy/apply";
import { deviations } from "../preview/deploy/compare";
import { deployOrder } from "../preview/deploy/levels";
import { readUntrustedReport } from "../preview/github/untrusted-report";
import { importPrograms, realPair, type ProgramPair } from "../preview/programs";
import { reviewKey } from "../preview/review-key";
import { baseRevision } from "../preview/revisions";
import { Interrupts } from "../terraform/interrupts";
import { requireTerraform } from "../terraform/terraform-binary";
import { exportedPair } from "./preview";
import { findRoot } from "./root";
import { setOutput } from "./workflow-output";

/** Most levels of stacks that deploy.yml has jobs for. */
const LEVELS_IN_WORKFLOW = 6;

interface StackOptions {
  readonly programs: string;
  readonly basePrograms?: string;
  readonly reviewed: readonly string[];
  readonly base: string;
  readonly secretsApproved?: boolean;
}

/** `drydock deploy`: the steps of deploy.yml. For a deploy by hand there is `npx cdktf deploy`. */
export function deployCommand(): Command {
  const command = new Command("deploy").description("the steps of the deploy workflow: only what was reviewed is applied");
  command
    .command("check")
    .description("stop unless a plan is the reviewed one, and say in which order it is applied")
    .requiredOption("--reviewed <report...>", "reports that were reviewed since the last deploy, oldest first")
    .requiredOption("--planned <report>", "report.json of now")
    .action((options: { readonly reviewed: readonly string[]; readonly planned: string }) => {
      const planned = readUntrustedReport(options.planned);
      const found = deviations(
        options.reviewed.map((file) => readUntrustedReport(file)),
        planned,
        { final: false },
      );
      refuseDeviations(found.filter(({ approvable }) => !approvable));
      const { levels, removed } = deployOrder(planned);
      if (levels.length > LEVELS_IN_WORKFLOW)
        throw new CommandError(
          `The graph has ${levels.length} levels, and deploy.yml has jobs for ${LEVELS_IN_WORKFLOW}. Add some there.`,
          2,
        );
      for (let level = 0; level < LEVELS_IN_WORKFLOW; level += 1) setOutput(`level${level}`, JSON.stringify(levels[level] ?? []));
      setOutput("removed", JSON.stringify(removed));
      // A person says that hidden values are the right ones; the stacks refuse them without.
      const secrets = found.map(({ address, reason }) => `${address} ${reason}`);
      setOutput("secrets", JSON.stringify(secrets));
      process.stdout.write(`${JSON.stringify({ levels, removed, secrets })}\n`);
    });
  command
    .command("stack")
    .description("plan one stack again and apply it if that is still the reviewed plan; a removed one is destroyed")
    .argument("<stack>")
    .requiredOption("--programs <folder>", "what drydock preview --synth-only wrote")
    .option("--base-programs <folder>", "the base's programs; by default synthesized here from its own commit")
    .requiredOption("--reviewed <report...>", "reports that were reviewed since the last deploy, oldest first")
    .requiredOption("--base <revision>", "revision that was deployed before")
    .option("--secrets-approved", "apply hidden values that change as reviewed, although nothing shows that they are the reviewed ones")
    .action(async (name: string, options: StackOptions) => {
      await requireTerraform();
      const root = findRoot();
      await importPrograms(root, await baseRevision(root, options.base), exportedPair(options.programs, options.basePrograms));
      const pair = realPair(root);
      const key = await reviewKey(pair.base);
      const { done } = await applyStack({
        root,
        stack: deployedStack(pair, name),
        reviewed: options.reviewed.map((file) => readUntrustedReport(file)),
        interrupts: new Interrupts(),
        secretsApproved: options.secretsApproved ?? false,
        ...(key === undefined ? {} : { key }),
      });
      process.stdout.write(`${name}: ${done}\n`);
    });
  return command;
}

/** A stack as a deploy meets it: also one that this change leaves alone, and that was never applied. */
function deployedStack({ base, head }: ProgramPair, name: string): AffectedStack {
  const affected = affectedStacks(base, head).find((stack) => stack.name === name);
  if (affected) return affected;
  const program = head.find((stack) => stack.name === name);
  if (!program) throw new CommandError(`There is no stack ${name} in these programs.`, 2);
  return { name, cause: "unapplied", base: base.find((stack) => stack.name === name), head: program };
}
