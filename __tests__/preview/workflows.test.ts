import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { satisfies } from "semver";
import { parse } from "yaml";
import { localMinors } from "../../rehearsal/kubernetes/control-plane-binary";
import { ROOT } from "../support/checkout";
import { drydock } from "../support/drydock";

const FOLDER = join(ROOT, ".github", "workflows");
const CONTROL_PLANE = join(ROOT, "rehearsal", "kubernetes", "control-plane");
const ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";
const files = readdirSync(FOLDER);
const text = (file: string): string => readFileSync(join(FOLDER, file), "utf8");

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly uses?: string;
  readonly environment?: string;
  readonly steps?: readonly { readonly uses?: string; readonly run?: string; readonly with?: Readonly<Record<string, unknown>> }[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflow = (file: string): Workflow => parse(text(file)) as Workflow;

describe("the workflows", () => {
  it("are accepted by actionlint", { timeout: 300_000 }, async ({ skip }) => {
    const go = await execa("go", ["run", ACTIONLINT, "-version"], { reject: false, stdin: "ignore" });
    if (go.exitCode !== 0 && process.env["CI"] !== "true") return skip("Go is not here, or cannot fetch actionlint, so it was not run.");
    const { exitCode, all } = await execa("go", ["run", ACTIONLINT, "-no-color", ...files.map((file) => join(FOLDER, file))], {
      cwd: FOLDER,
      all: true,
      reject: false,
      stdin: "ignore",
    });
    expect({ exitCode, all }).toEqual({ exitCode: 0, all: "" });
  });

  it.each(files)("%s pins every action by commit and grants nothing by default", (file) => {
    for (const [, action = ""] of text(file).matchAll(/uses: (\S+)/g)) expect(action).toMatch(/^(\.\/|[\w.-]+\/[\w.-]+@[0-9a-f]{40}$)/);
    const { permissions, concurrency, on, jobs } = workflow(file);
    expect(permissions).toEqual({});
    if (!("workflow_call" in on)) expect(concurrency).toBeDefined();
    for (const job of Object.values(jobs)) expect(job.permissions).toBeDefined();
  });

  it.each(files)("%s leaves no credentials in a checkout, and puts no expression into a script", (file) => {
    for (const { steps = [] } of Object.values(workflow(file).jobs)) {
      for (const { uses, run, with: inputs } of steps) {
        if (uses?.startsWith("actions/checkout@")) expect(inputs?.["persist-credentials"]).toBe(false);
        expect(run ?? "").not.toContain("${{");
      }
    }
  });

  it("run code of a pull request only where there is nothing to steal", () => {
    const { jobs } = workflow("preview.yml");
    for (const job of Object.values(jobs)) {
      const checkout = job.steps?.find(({ uses }) => uses?.startsWith("actions/checkout@"));
      const own = JSON.stringify(checkout?.with).includes("head.sha");
      // Whoever may ask for an identity checks out the base.
      expect(own).toBe(job.permissions?.["id-token"] === undefined);
      expect(Object.values(job.permissions ?? {}).filter((right) => right === "write")).toHaveLength(own ? 0 : 1);
    }
    expect(text("preview.yml")).not.toContain("pull_request_target");
    expect(Object.values(workflow("preview-comment.yml").jobs).every(({ permissions }) => permissions?.["id-token"] === undefined)).toBe(
      true,
    );
  });

  it("ask for the approval of a destroy in a job that has no rights", () => {
    const { approve } = workflow("deploy.yml").jobs;
    expect(approve).toMatchObject({ environment: "destroy", permissions: {} });
  });

  it("rehearse on every minor with a Go that can build each, and build each once", () => {
    const steps = workflow("rehearse.yml").jobs["kubernetes"]?.steps ?? [];
    const inputs = (action: string): Readonly<Record<string, unknown>> =>
      steps.find(({ uses }) => uses?.startsWith(`${action}@`))?.with ?? {};
    const wanted = localMinors(ROOT).map(
      (minor) => /^go (\S+)/m.exec(readFileSync(join(CONTROL_PLANE, `${minor}.mod`), "utf8"))?.[1] ?? "",
    );
    // A newer Go than the one that is set up would be downloaded by the old one, each night.
    for (const go of wanted) expect(satisfies(go, `<=${String(inputs("actions/setup-go")["go-version"])}`)).toBe(true);
    expect(inputs("actions/cache")).toMatchObject({ path: "~/.cache/drydock", key: expect.stringContaining("control-plane/*") as string });
    expect(steps).toContainEqual(expect.objectContaining({ env: { DRYDOCK_TEST_MINORS: "all" } }));
  });

  it("call only commands and options that exist", { timeout: 300_000 }, async () => {
    const calls = files.flatMap((file) => [...text(file).matchAll(/npx drydock ([a-z]+(?: [a-z]+)?)((?: --[a-z-]+)?[^\n]*)/g)]);
    expect(calls.length).toBeGreaterThan(10);
    const helps = new Map<string, string>();
    for (const [, words = "", rest = ""] of calls) {
      const [command = "", sub = ""] = words.split(" ");
      const args = ["charts", "deploy", "publish"].includes(command) ? [command, sub] : [command];
      const help = helps.get(args.join(" ")) ?? (await drydock(ROOT, [...args, "--help"])).stdout;
      helps.set(args.join(" "), help);
      expect(help).toContain(`Usage: drydock ${args.join(" ")}`);
      for (const [option] of rest.matchAll(/--[a-z-]+/g)) expect(help).toContain(option);
    }
  });
});
