import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import type { Fleet } from "../../config/fleet";
import { takePrograms } from "../../preview/untrusted/take-programs";
import { localBackend, type Backend } from "../../stacks/backend";
import { declareFleet } from "../../stacks/declare-fleet";
import { readProgram, type ProgramStack } from "../../terraform/program";
import { ROOT } from "./checkout";

/** A program as JSON, for a test to change. */
export type Json = Record<string, unknown>;

/** The programs of a base, and a pull request's that a test makes out of them. */
export class Pair {
  private constructor(
    private readonly folder: string,
    readonly stacks: readonly ProgramStack[],
  ) {}

  /** Synthesizes a fleet as the base; the head begins as the same. */
  static of(fleet: Fleet, backend: Backend = localBackend({ relativePath: (id) => `../../../state/${id}.tfstate` })): Pair {
    const folder = mkdtempSync(join(tmpdir(), "drydock-pair-"));
    const app = new App({ outdir: join(folder, "base"), stackTraces: false });
    declareFleet(app, withRecordedCharts(fleet), backend);
    app.synth();
    copyFileSync(join(ROOT, "providers.lock.hcl"), join(folder, "base", "providers.lock.hcl"));
    cpSync(join(folder, "base"), join(folder, "head"), { recursive: true });
    return new Pair(folder, readProgram(join(folder, "base")));
  }

  get base(): string {
    return join(this.folder, "base");
  }

  get head(): string {
    return join(this.folder, "head");
  }

  get taken(): string {
    return join(this.folder, "taken");
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Makes the head the same as the base again. */
  reset(): void {
    for (const folder of [this.head, this.taken]) rmSync(folder, { recursive: true, force: true });
    cpSync(this.base, this.head, { recursive: true });
  }

  program(stack: string): Json {
    return JSON.parse(readFileSync(this.file(stack), "utf8")) as Json;
  }

  write(stack: string, program: unknown): void {
    writeFileSync(this.file(stack), JSON.stringify(program));
  }

  /** Takes the head over, as the job with credentials does. */
  take(root = ROOT): Promise<void> {
    return takePrograms({ root, base: this.base, from: this.head, to: this.taken });
  }

  private file(stack: string): string {
    return join(this.head, "stacks", stack, "cdk.tf.json");
  }
}

/** The fleet as it is once every chart was pulled: each has a digest. */
function withRecordedCharts(fleet: Fleet): Fleet {
  const charts = Object.entries(fleet.charts).map(([name, chart]) => [name, { ...chart, sha256: chart.sha256 ?? "0".repeat(64) }] as const);
  return { ...fleet, charts: Object.fromEntries(charts) };
}
