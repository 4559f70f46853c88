import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { kindOf, type PlanJson } from "../../terraform/plan-json";
import { startStandIn, type StandIn, type StandInOptions } from "../../rehearsal/stand-in";
import { ROOT } from "./checkout";

/** Resources by type and name, as Terraform's JSON has them. */
export type Resources = Readonly<Record<string, Readonly<Record<string, object>>>>;

/** Real Terraform on a program of a test, with the stand-in in AWS's place. */
export class TerraformFixture {
  private constructor(
    readonly folder: string,
    readonly standIn: StandIn,
  ) {}

  /** A fixture of its own world; `close` removes it. */
  static async open(options: StandInOptions = {}): Promise<TerraformFixture> {
    const folder = mkdtempSync(join(tmpdir(), "drydock-terraform-"));
    return new TerraformFixture(folder, await startStandIn(ROOT, join(folder, "stand-in"), options));
  }

  close(): void {
    this.standIn.stop();
    rmSync(this.folder, { recursive: true });
  }

  /** Writes the program. */
  write(resource: Resources, rest: object = {}): void {
    const directory = join(this.folder, "stack");
    mkdirSync(directory, { recursive: true });
    const program = {
      terraform: {
        required_providers: { aws: { source: "aws", version: "6.25.0" } },
        backend: { local: { path: join(this.standIn.stateFolder, "stack.tfstate") } },
      },
      provider: {
        aws: [{ region: "eu-west-1", allowed_account_ids: ["111122223333"], default_tags: [{ tags: { "drydock:stack": "stack" } }] }],
      },
      ...(Object.keys(resource).length > 0 ? { resource } : {}),
      ...rest,
    };
    writeFileSync(join(directory, "main.tf.json"), JSON.stringify(program));
  }

  /** Runs Terraform; failures come back with their output. */
  async terraform(...args: readonly string[]): Promise<{ readonly exitCode: number | undefined; readonly output: string }> {
    const result = await execa("terraform", [...args, ...(args[0] === "show" || args[0] === "output" ? [] : ["-no-color"])], {
      cwd: join(this.folder, "stack"),
      env: { ...this.standIn.env, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" },
      all: true,
      reject: false,
      stdin: "ignore",
    });
    return { exitCode: result.exitCode, output: result.all };
  }

  /** Applies a program, which must succeed. */
  async apply(resource: Resources, rest: object = {}): Promise<void> {
    this.write(resource, rest);
    await this.terraform("init");
    const { exitCode, output } = await this.terraform("apply", "-auto-approve");
    if (exitCode !== 0) throw new Error(output);
  }

  /** Plans a program and answers with what happens to each resource. */
  async plan(resource: Resources): Promise<{ readonly kinds: Readonly<Record<string, string>>; readonly json: PlanJson }> {
    this.write(resource);
    await this.terraform("init");
    const planned = await this.terraform("plan", "-out=plan");
    if (planned.exitCode !== 0) throw new Error(planned.output);
    const json = JSON.parse((await this.terraform("show", "-json", "plan")).output) as PlanJson;
    return { json, kinds: Object.fromEntries((json.resource_changes ?? []).map((change) => [change.address, kindOf(change)])) };
  }

  /** Attributes of a resource in the state. */
  async state(address: string): Promise<Readonly<Record<string, unknown>>> {
    const { values } = JSON.parse((await this.terraform("show", "-json")).output) as {
      values: { root_module: { resources: { address: string; values: Record<string, unknown> }[] } };
    };
    const found = values.root_module.resources.find((resource) => resource.address === address);
    if (!found) throw new Error(`No ${address} in the state`);
    return found.values;
  }
}
