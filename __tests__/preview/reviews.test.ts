import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PreviewReport } from "../../preview/report/model";
import { ROOT } from "../support/checkout";
import { drydock } from "../support/drydock";
import { GithubServer, type Pull, type Run } from "../support/github";
import { aReport } from "../support/reports";

// Who reviewed what, asked of GitHub: anyone may make artefacts and runs of any name, and only the deploying branch's own count.

let server: GithubServer;
let folder: string;

const hash = (letter: string): string => letter.repeat(40);
const [START, FIRST, SECOND] = [hash("a"), hash("b"), hash("c")];

beforeEach(async () => {
  server = await GithubServer.open();
  folder = mkdtempSync(join(tmpdir(), "drydock-reviews-"));
  for (const [commit, parents] of [
    [START, []],
    [FIRST, [START]],
    [SECOND, [FIRST]],
  ] as const)
    server.commits.set(commit, parents);
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const env = () => ({ ...server.environment, GITHUB_OUTPUT: join(folder, "output"), GITHUB_EVENT_PATH: join(folder, "event.json") });
const outputs = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readFileSync(join(folder, "output"), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split("=") as [string, string]),
  );

const ours: Omit<Run, "id" | "head_sha"> = {
  event: "workflow_run",
  path: ".github/workflows/preview-report.yml",
  conclusion: "success",
  head_branch: "main",
  repository: "acme/platform",
};

function merged(number: number, commit: string, more: Partial<Pull> = {}): Pull {
  const pull = {
    number,
    owner: "acme",
    head: { sha: hash(String(number)), ref: `patch-${number}` },
    merged_at: "2026-11-28T12:00:00Z",
    commits: [commit],
    ...more,
  };
  server.pulls.push(pull);
  return pull;
}

/** A report of a pull request, as a run made it. */
function reviewed({ number, head }: Pull, run: Partial<Run> = {}, report: Partial<PreviewReport> = {}): number {
  const id = 100 + server.runs.length;
  server.runs.push({ id, head_sha: START, ...ours, ...run });
  const text = JSON.stringify(aReport({ mode: "real", head: { commit: head.sha, dirty: false }, ...report }));
  server.artifacts.push({ id, run: id, name: `preview-report-${number}-${head.sha}`, zip: zipSync({ "report.json": Buffer.from(text) }) });
  return id;
}

function deployed(commit: string, run: Partial<Run> = {}): void {
  server.runs.push({ id: 10 + server.runs.length, ...ours, event: "push", path: ".github/workflows/deploy.yml", head_sha: commit, ...run });
}

describe("a deploy", () => {
  const bring = (...args: string[]) =>
    drydock(ROOT, ["review", "merged", "--branch", "main", "--commit", SECOND, "--into", join(folder, "reviewed"), ...args], {
      env: env(),
    });

  it("goes by the reports of everything that was merged since the last one that succeeded", async () => {
    deployed(START);
    deployed(FIRST, { conclusion: "failure" });
    deployed(FIRST, { conclusion: "cancelled" });
    reviewed(merged(1, FIRST));
    reviewed(merged(2, SECOND));
    expect(await bring()).toMatchObject({ exitCode: 0, stderr: "" });
    expect(readdirSync(join(folder, "reviewed"))).toEqual(["001-1.json", "002-2.json"]);
    expect(outputs()).toEqual({ base: START, reports: "2" });
  });

  it("takes the newest report of a pull request, and no artefact that only has its name", async () => {
    deployed(FIRST);
    const pull = merged(2, SECOND);
    reviewed(pull, {}, { terraform: "1.11.1" });
    reviewed(pull, {}, { terraform: "1.11.2" });
    for (const forged of [
      { event: "pull_request" },
      { path: ".github/workflows/preview.yml" },
      { head_branch: "patch-2" },
      { repository: "someone/platform" },
      { conclusion: "cancelled" },
      { conclusion: "failure" },
    ])
      reviewed(pull, forged, { terraform: "forged" });
    expect(await bring()).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(readFileSync(join(folder, "reviewed", "001-2.json"), "utf8"))).toMatchObject({ terraform: "1.11.2" });
  });

  it.each<[string, string, () => void]>([
    ["came by no pull request", "came to main by no pull request", () => undefined],
    ["was merged to another branch", "came to main by no pull request", () => void reviewed(merged(2, SECOND, { base: "develop" }))],
    ["has no report", "There is no report of #2", () => void merged(2, SECOND)],
    [
      "has a fork's report of the same commit only",
      "There is no report of #2",
      () => {
        const pull = merged(2, SECOND);
        reviewed({ ...pull, number: 3 });
      },
    ],
    ["was only rehearsed", "was only rehearsed", () => void reviewed(merged(2, SECOND), {}, { mode: "rehearsed" })],
    [
      "has a report of another commit",
      "it is about",
      () => void reviewed(merged(2, SECOND), {}, { head: { commit: hash("9"), dirty: false } }),
    ],
  ])("is refused when what was merged %s", async (_, words, arrange) => {
    deployed(FIRST);
    arrange();
    const { exitCode, stderr } = await bring();
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(words);
  });

  it("is refused when the branch was moved away from what was deployed", async () => {
    server.commits.set(hash("d"), [START]);
    deployed(hash("d"));
    expect(await bring()).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("main was moved") as string });
  });

  it("begins where it is told while none has succeeded", async () => {
    reviewed(merged(2, SECOND));
    expect(await bring()).toMatchObject({ exitCode: 2 });
    expect(await bring("--before", FIRST)).toMatchObject({ exitCode: 0 });
  });
});

describe("a preview's run", () => {
  const about = (run: object): void => {
    writeFileSync(join(folder, "event.json"), JSON.stringify({ workflow_run: run }));
  };
  const fork = { full_name: "someone/platform", owner: { login: "someone" } };
  const own = { full_name: "acme/platform", owner: { login: "acme" } };
  const find = (...args: string[]) => drydock(ROOT, ["review", "pull-request", "--branch", "main", ...args], { env: env() });
  const head = hash("e");

  beforeEach(() => {
    server.commits.delete(SECOND);
    server.commits.set(head, [FIRST]);
    server.commits.set(SECOND, [FIRST]);
  });

  it("is compared with what is deployed, so that what waits is shown too", async () => {
    server.pulls.push({ number: 12, owner: "acme", head: { sha: head, ref: "patch" } });
    about({ head_sha: head, head_branch: "patch", head_repository: own });
    deployed(START);
    expect(await find()).toMatchObject({ exitCode: 0, stdout: "#12 at eeeeeee is compared with aaaaaaa" });
    expect(outputs()).toEqual({ number: "12", head, base: START, own: "true" });
  });

  it("is compared with where its branch left the main line, when that was deployed or nothing was", async () => {
    server.pulls.push({ number: 12, owner: "someone", head: { sha: head, ref: "patch" } });
    about({ head_sha: head, head_branch: "patch", head_repository: fork });
    expect(await find()).toMatchObject({ stdout: "#12 at eeeeeee is compared with bbbbbbb" });
    expect(outputs()).toMatchObject({ own: "false" });
    deployed(SECOND);
    expect(await find()).toMatchObject({ stdout: "#12 at eeeeeee is compared with bbbbbbb" });
  });

  it("finds its own pull request where a branch has two, and none that it only names", async () => {
    for (const number of [12, 13])
      server.pulls.push({ number, owner: "acme", head: { sha: head, ref: "patch" }, base: number === 13 ? "main" : "next" });
    about({ head_sha: head, head_branch: "patch", head_repository: own });
    writeFileSync(join(folder, "hint"), "13\n");
    expect((await find("--hint", join(folder, "hint"))).stdout).toContain("#13 at");
    writeFileSync(join(folder, "hint"), "99\n");
    expect((await find("--hint", join(folder, "hint"))).stdout).toContain("#12 at");
    writeFileSync(join(folder, "hint"), "13; rm -rf /\n");
    expect((await find("--hint", join(folder, "hint"))).stdout).toContain("#12 at");
  });

  it("says that there is nothing to review when the pull request moved on, or its fork is gone", async () => {
    server.pulls.push({ number: 12, owner: "acme", head: { sha: hash("f"), ref: "patch" } });
    about({ head_sha: head, head_branch: "patch", head_repository: own });
    expect((await find()).stdout).toContain("No open pull request is at eeeeeee any more");
    about({ head_sha: head, head_branch: "patch", head_repository: null });
    expect((await find()).stdout).toContain("No open pull request is at eeeeeee any more");
  });
});
