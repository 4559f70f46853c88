import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { satisfies } from "semver";
import { parse } from "yaml";
import { TRUSTED_WORKFLOWS } from "../../constructs/foundation/ci-roles";
import { reportArtifact, REPORT_WORKFLOW } from "../../preview/github/reviews";
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
    // What a pull request starts may only read its own contents: no identity, no right to write anything.
    for (const file of files.filter((each) => "pull_request" in workflow(each).on))
      for (const { permissions } of Object.values(workflow(file).jobs)) expect(permissions).toEqual({ contents: "read" });
    // And whatever has more never checks it out: the default is the branch that the workflow runs on.
    for (const file of files)
      for (const { steps = [], permissions = {} } of Object.values(workflow(file).jobs)) {
        const refs = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@")).map(({ with: inputs = {} }) => inputs["ref"]);
        if (Object.entries(permissions).some(([name, right]) => right === "write" || name !== "contents"))
          expect(refs.filter(Boolean), file).toEqual([]);
      }
    expect(files.map(text).join("")).not.toContain("pull_request_target");
  });

  it("ask for an identity only in files of which a role trusts the deploying branch's, and each role only from its own", () => {
    const asking = files.filter((file) =>
      Object.values(workflow(file).jobs).some(({ permissions, uses }) => uses === undefined && permissions?.["id-token"] === "write"),
    );
    expect(asking.sort()).toEqual([...TRUSTED_WORKFLOWS.plan, ...TRUSTED_WORKFLOWS.deploy].sort());
    const roles = (file: string): readonly string[] =>
      [...text(file).matchAll(/vars\.(AWS_\w+_ROLE) \}\}$/gm)].map(([, role = ""]) => role);
    for (const file of TRUSTED_WORKFLOWS.plan) expect(new Set(roles(file))).toEqual(new Set(["AWS_PLAN_ROLE"]));
    for (const file of TRUSTED_WORKFLOWS.deploy) expect(new Set(roles(file))).toEqual(new Set(["AWS_DEPLOY_ROLE"]));
  });

  it("make the base's programs apart from the pull request's, and plan only what the base allows", () => {
    const { base, plan } = workflow("preview-report.yml").jobs;
    expect(base?.permissions).toEqual({ contents: "read" });
    expect(JSON.stringify(base?.steps)).not.toContain("workflow_run.id");
    expect(plan?.uses).toBe("./.github/workflows/plan.yml");
    for (const file of ["plan.yml", "deploy-stacks.yml"]) {
      expect(text(file)).toContain("--base-programs base-programs");
      for (const [call] of text(file).matchAll(/drydock charts pull[^\n]*/g)) expect(call).toContain("--recorded-only");
      // Packages are brought before there are credentials to steal.
      expect(text(file).lastIndexOf("charts pull")).toBeLessThan(text(file).indexOf("configure-aws-credentials@"));
    }
  });

  it("make reports that a deploy takes only in the workflow that it looks for", () => {
    expect(REPORT_WORKFLOW).toBe(".github/workflows/preview-report.yml");
    expect(Object.keys(workflow("preview-report.yml").on)).toEqual(["workflow_run"]);
    expect(text("preview-report.yml")).toContain(
      `name: ${reportArtifact({ number: 0, head: "" }).replace("0-", "")}\${{`.replace("\\", ""),
    );
  });

  it("ask for the approval of a destroy in a job that has no rights", () => {
    const { approve, "approve-secrets": secrets } = workflow("deploy.yml").jobs;
    expect(approve).toMatchObject({ environment: "destroy", permissions: {} });
    expect(secrets).toMatchObject({ environment: "secrets", permissions: {} });
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
    const calls = files.flatMap((file) => [...text(file).matchAll(/npx drydock ([a-z]+(?: [a-z-]+)?)((?: --[a-z-]+)?[^\n]*)/g)]);
    expect(calls.length).toBeGreaterThan(10);
    const helps = new Map<string, string>();
    for (const [, words = "", rest = ""] of calls) {
      const [command = "", sub = ""] = words.split(" ");
      const args = ["charts", "deploy", "publish", "review"].includes(command) ? [command, sub] : [command];
      const help = helps.get(args.join(" ")) ?? (await drydock(ROOT, [...args, "--help"])).stdout;
      helps.set(args.join(" "), help);
      expect(help).toContain(`Usage: drydock ${args.join(" ")}`);
      for (const [option] of rest.matchAll(/--[a-z-]+/g)) expect(help).toContain(option);
    }
  });
});
