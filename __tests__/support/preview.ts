import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { runPreview } from "../../commands/preview";
import type { PreviewReport, ResourcePreview, StackPreview } from "../../preview/report/model";
import { copyCheckout, ROOT } from "./checkout";

/** A checkout under git, whose one commit is the base of every preview. */
export class PreviewCheckout {
  private constructor(readonly folder: string) {}

  /**
   * Copies the program, with these files in place of its own.
   * @param files text by name
   */
  static async open(files: Readonly<Record<string, string>>): Promise<PreviewCheckout> {
    const checkout = new PreviewCheckout(copyCheckout());
    checkout.write(files);
    await checkout.git("init", "--quiet", "--initial-branch=main");
    // A link, which the pattern for the folder does not match.
    writeFileSync(join(checkout.folder, ".git", "info", "exclude"), "node_modules\n");
    await checkout.commit("base");
    return checkout;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.folder, name), text);
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), "utf8");
  }

  /** Replaces a text in a file; it must be there. */
  edit(file: string, from: string, to: string): void {
    const text = this.read(file);
    if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`);
    this.write({ [file]: text.replaceAll(from, to) });
  }

  async commit(message: string): Promise<void> {
    await this.git("add", "--all");
    await this.git("-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "--quiet", "--message", message);
  }

  async git(...args: readonly string[]): Promise<string> {
    const { stdout } = await execa("git", args, { cwd: this.folder, stdin: "ignore" });
    return stdout;
  }

  /** Throws edits away. */
  async reset(): Promise<void> {
    await this.git("checkout", "--quiet", "--force", "main");
    await this.git("clean", "--quiet", "--force");
  }

  /** What the edits would do, rehearsed. */
  preview(): Promise<PreviewReport> {
    return runPreview(this.folder, { base: "main", mode: "rehearsed", parallel: 2 });
  }
}

/**
 * A stack of a report, without the digests that only deploys compare.
 * @throws {Error} when the report has no such stack
 */
export function stackOf(report: PreviewReport, name: string): StackPreview {
  const stack = report.stacks.find((each) => each.name === name);
  if (!stack) throw new Error(`No stack ${name} in the report; there are ${report.stacks.map((each) => each.name).join(", ")}`);
  return JSON.parse(
    JSON.stringify(stack, (key, value: unknown) => (key === "digest" || key === "shape" ? undefined : value)),
  ) as StackPreview;
}

/** The repository's lock as it is once every chart was pulled: each has a digest. */
export function recordedLock(): string {
  return readFileSync(join(ROOT, "charts.lock.json"), "utf8").replaceAll('"sha256": null', `"sha256": "${"0".repeat(64)}"`);
}

/** Kinds of change by construct, without the digest of node groups. */
export function kindsOf(stack: StackPreview): Readonly<Record<string, ResourcePreview["kind"]>> {
  return Object.fromEntries(stack.changes.map(({ construct, kind }) => [construct, kind]));
}

/** A report without what differs from run to run. */
export function steady(report: PreviewReport): PreviewReport {
  return JSON.parse(
    JSON.stringify({
      ...report,
      at: "2026-11-25T12:00:00.000Z",
      base: { ...report.base, commit: "b".repeat(40) },
      head: { ...report.head, commit: "a".repeat(40) },
      // Whether there is Helm differs from machine to machine.
      stacks: report.stacks.map((stack) => ({
        ...stack,
        charts: stack.charts.map((chart) => ({ ...chart, manifests: { status: "not compared", because: "this test renders none" } })),
      })),
    })
      // Ids depend on the order in which parallel work ended.
      .replace(/\b[0-9a-f]{16,17}\b/g, "made-up"),
  ) as PreviewReport;
}
