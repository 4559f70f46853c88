import { spawn, type ChildProcessByStdio } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** A process to start. */
export interface SupervisedProcess {
  readonly name: string;
  /** Path of the program; the control plane's own when left out. */
  readonly program?: string;
  readonly args: readonly string[];
  /** File that gets everything it prints. */
  readonly log: string;
}

interface SupervisorEvent {
  readonly name: string;
  readonly pid?: number;
  readonly exited?: string;
}

/** Lines of a log that say why a process ended, at most. */
const REASON_LINES = 3;

/**
 * Runs the processes of one API. It is a process of its own, which ends them and removes their folder when this one
 * ends, however it ends.
 */
export class Supervisor {
  /** Process ids by name. */
  readonly pids = new Map<string, number>();
  /** Why it is over, once a process ended by itself. */
  failure: string | undefined;
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly ended: Promise<void>;
  private readonly stopped = new Set<string>();
  private readonly logs = new Map<string, string>();
  private readonly watchers = new Set<() => void>();

  /** @param folder removed at the end */
  constructor(program: string, folder: string) {
    // A group of its own: a Ctrl-C on the terminal is for this process, which still talks to the API.
    const child = spawn(program, ["supervise", folder], { detached: true, stdio: ["pipe", "pipe", "ignore"] });
    this.child = child;
    this.ended = new Promise((resolve) => {
      child.once("exit", () => {
        resolve();
      });
      child.once("error", (error) => {
        this.fail("its supervisor", error.message);
        resolve();
      });
    });
    // Its end is known by itself; a broken pipe says nothing more.
    child.stdin.on("error", () => undefined);
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.note(JSON.parse(line) as SupervisorEvent);
    });
    void this.ended.then(() => {
      this.fail("its supervisor", "ended");
    });
    child.unref();
  }

  start(process: SupervisedProcess): void {
    this.stopped.delete(process.name);
    this.logs.set(process.name, process.log);
    this.write(process);
  }

  /** Waits until a process has been started, or all are over. */
  async started(name: string): Promise<void> {
    await this.until(() => this.pids.has(name));
  }

  /** Waits until all are over. */
  async over(): Promise<void> {
    await this.until(() => false);
  }

  /** Ends one process; the others go on. */
  async stop(name: string): Promise<void> {
    this.stopped.add(name);
    this.write({ name, stop: true });
    await this.until(() => !this.pids.has(name));
  }

  /** Ends everything and waits for it. */
  async end(): Promise<void> {
    for (const name of this.pids.keys()) this.stopped.add(name);
    this.failure ??= "it was stopped";
    this.child.ref();
    this.child.stdin.end();
    await this.ended;
  }

  /** Waits for something that a later event brings about, or for the end. */
  private async until(holds: () => boolean): Promise<void> {
    while (!holds() && this.failure === undefined) {
      await new Promise<void>((resolve) => {
        const watcher = (): void => {
          this.watchers.delete(watcher);
          resolve();
        };
        this.watchers.add(watcher);
      });
    }
  }

  private write(line: object): void {
    this.child.stdin.write(`${JSON.stringify(line)}\n`);
  }

  private note({ name, pid, exited }: SupervisorEvent): void {
    if (exited === undefined) {
      if (pid !== undefined) this.pids.set(name, pid);
    } else if (this.pids.get(name) === pid || pid === undefined) {
      this.pids.delete(name);
      if (!this.stopped.has(name)) this.fail(name, exited);
    }
    for (const watcher of this.watchers) watcher();
  }

  private fail(name: string, how: string): void {
    this.failure ??= `${name} ended (${how})${lastWords(this.logs.get(name))}`;
    for (const watcher of this.watchers) watcher();
  }
}

function lastWords(log: string | undefined): string {
  if (log === undefined || !existsSync(log)) return "";
  const lines = readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => /^[EF]\d{4} |"level":"(error|panic|fatal)"|[Ee]rror/.test(line));
  const last = lines.slice(-REASON_LINES).map((line) => inWords(line).slice(0, 300));
  return last.length === 0 ? `; see ${log}` : `: ${last.join(" | ")}; see ${log}`;
}

/** etcd logs objects, with a stack that says nothing to a user. */
function inWords(line: string): string {
  try {
    const { msg = "", error = "" } = JSON.parse(line) as { readonly msg?: string; readonly error?: string };
    return error === "" ? msg : `${msg}: ${error}`;
  } catch {
    return line;
  }
}
