import type { ResultPromise } from "execa";

/** Exit code of a process that was interrupted, as shells have it: 128 and the number of SIGINT. */
const INTERRUPTED = 130;

/** Terraform processes that run now. The first Ctrl-C asks them to stop, the second ends them. */
export class Interrupts {
  private readonly children = new Set<ResultPromise>();
  private count = 0;
  private depth = 0;
  private readonly onSignal = (): void => {
    this.count += 1;
    for (const child of this.children) this.signal(child, this.count === 1 ? "SIGINT" : "SIGKILL");
  };
  private readonly onExit = (): void => {
    for (const child of this.children) this.signal(child, "SIGKILL");
  };

  /** Whether someone asked to stop; nothing new is started then. */
  get stopping(): boolean {
    return this.count > 0;
  }

  /** Runs work with signals going to its children instead of ending this process. Work within work counts once. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.depth > 0) return work();
    this.depth += 1;
    process.on("SIGINT", this.onSignal);
    process.on("SIGTERM", this.onSignal);
    process.on("exit", this.onExit);
    try {
      return await work();
    } finally {
      this.depth -= 1;
      process.off("SIGINT", this.onSignal);
      process.off("SIGTERM", this.onSignal);
      process.off("exit", this.onExit);
      // One more Ctrl-C while the rest is put away ends the process in order: exit handlers release what is locked.
      if (this.count > 0) process.once("SIGINT", () => process.exit(INTERRUPTED));
    }
  }

  /** Watches a child that runs in a process group of its own. */
  async watch<Child extends ResultPromise>(child: Child): Promise<Awaited<Child>> {
    this.children.add(child);
    try {
      return await child;
    } finally {
      this.children.delete(child);
    }
  }

  private signal({ pid }: ResultPromise, signal: NodeJS.Signals): void {
    if (pid === undefined) return;
    try {
      // The whole group: Terraform's own provider processes too.
      process.kill(-pid, signal);
    } catch {
      // It has ended in the meantime.
    }
  }
}
