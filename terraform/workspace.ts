import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { CommandError } from "../config/command-error";
import type { Interrupts } from "./interrupts";
import { parsePlan, type PlanJson } from "./plan-json";

/** How Terraform is run in a workspace. */
export interface WorkspaceOptions {
  /** Name of the stack. */
  readonly name: string;
  /** Folder with its program. */
  readonly directory: string;
  /** File that gets everything Terraform prints. */
  readonly logFile: string;
  /** Variables besides those of this process; undefined removes one. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly interrupts: Interrupts;
}

/** A run of Terraform that failed. */
export class TerraformError extends CommandError {
  constructor(
    readonly stackName: string,
    readonly command: string,
    /** The first error that Terraform printed, without its frame. */
    readonly reason: string,
    readonly logFile: string,
    /** Terraform was killed rather than ending by itself. */
    readonly killed: boolean,
  ) {
    super(`${stackName}: terraform ${command} failed: ${reason}\n  The whole output is in ${logFile}.`, 1);
    this.name = "TerraformError";
  }
}

const PLAN_FILE = "drydock.tfplan";

/** Exit code of `plan -detailed-exitcode` when there are changes, to resources or to outputs. */
const CHANGES = 2;

/** One stack's Terraform: its folder, its log, its plan file. */
export class Workspace {
  constructor(readonly options: WorkspaceOptions) {}

  /**
   * Prepares the folder; quick when it is prepared already.
   * @param flags such as `-lockfile=readonly`, with which nothing but the locked providers is ever started
   */
  async init(flags: readonly string[] = []): Promise<void> {
    await this.run("init", ["-input=false", ...flags]);
  }

  /** Plans to a file and reads the plan back. */
  async plan(flags: readonly string[] = []): Promise<PlanJson> {
    await this.run("plan", ["-input=false", `-out=${PLAN_FILE}`, ...flags]);
    return this.showPlan();
  }

  /** Plans to a file as {@link plan} does; undefined when it would change nothing, which spares reading it back. */
  async planChanges(flags: readonly string[] = []): Promise<PlanJson | undefined> {
    const { exitCode } = await this.terraform("plan", ["-input=false", "-detailed-exitcode", `-out=${PLAN_FILE}`, ...flags], [0, CHANGES]);
    return exitCode === CHANGES ? this.showPlan() : undefined;
  }

  /** Plans and throws the plan file away: it can never be applied, and it holds every secret in clear text. */
  async planOnly(flags: readonly string[] = []): Promise<PlanJson> {
    try {
      return await this.plan(flags);
    } finally {
      this.forgetPlan();
    }
  }

  /** Throws a plan file away. */
  forgetPlan(): void {
    rmSync(join(this.options.directory, PLAN_FILE), { force: true });
  }

  /** Applies exactly the plan that `plan` wrote. */
  async apply(): Promise<void> {
    await this.run("apply", ["-input=false", PLAN_FILE]);
  }

  /** The state as Terraform shows it, with its marks; undefined where it cannot be read. */
  async showState(): Promise<PlanJson["prior_state"] | undefined> {
    try {
      const { stdout } = await this.terraform("show", ["-json"], [0], false);
      return JSON.parse(stdout) as PlanJson["prior_state"];
    } catch {
      return undefined;
    }
  }

  /** Imports an object into an address of the program. */
  async import(address: string, id: string): Promise<void> {
    await this.run("import", ["-input=false", address, id]);
  }

  /**
   * Runs one Terraform command.
   * @throws {TerraformError} when it fails
   */
  async run(command: string, args: readonly string[]): Promise<string> {
    return (await this.terraform(command, args)).stdout;
  }

  private async showPlan(): Promise<PlanJson> {
    return parsePlan((await this.terraform("show", ["-json", PLAN_FILE], [0], false)).stdout);
  }

  private async terraform(
    command: string,
    args: readonly string[],
    good: readonly number[] = [0],
    logged = true,
  ): Promise<{ readonly exitCode: number; readonly stdout: string }> {
    const { name, directory, logFile, env, interrupts } = this.options;
    if (interrupts.stopping) throw new TerraformError(name, command, "the run was interrupted", logFile, true);
    mkdirSync(dirname(logFile), { recursive: true });
    appendFileSync(logFile, `$ terraform ${command} ${args.join(" ")}\n`);
    const child = execa("terraform", [command, ...(command === "show" ? [] : ["-no-color"]), ...args], {
      cwd: directory,
      env: { ...env, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", TF_INPUT: "0" },
      stdin: "ignore",
      // A group of its own, so that a Ctrl-C on the terminal reaches Terraform once, from us.
      detached: true,
      reject: false,
      all: true,
      maxBuffer: 512 * 1024 * 1024,
    });
    const result = await interrupts.watch(child);
    const { exitCode, stdout } = result;
    const succeeded = exitCode !== undefined && good.includes(exitCode);
    if (logged || !succeeded) appendFileSync(logFile, result.all);
    if (!succeeded)
      throw new TerraformError(
        name,
        command,
        exitCode === undefined && result.signal === undefined ? "terraform could not be started" : firstError(result.all),
        logFile,
        result.signal !== undefined,
      );
    return { exitCode, stdout };
  }
}

/** The first error in Terraform's output: its summary and the paragraph below it, without the frame. */
export function firstError(output: string): string {
  const lines = output.split("\n").map((line) => line.replace(/^\s*[│╷╵]\s?/, "").trim());
  const start = lines.findIndex((line) => line.startsWith("Error: "));
  if (start < 0) return lines.filter((line) => line !== "").at(-1) ?? "it printed nothing";
  const below = lines.slice(start + 1);
  const first = below.findIndex((line) => line !== "" && !/^(with|on|\d+:)/.test(line));
  const summary = (lines[start] ?? "").slice("Error: ".length);
  if (first < 0 || below[first]?.startsWith("Error: ")) return summary;
  // Terraform wraps a paragraph, and an empty line ends it.
  const end = below.indexOf("", first);
  return `${summary} (${below.slice(first, end < 0 ? undefined : end).join(" ")})`;
}
