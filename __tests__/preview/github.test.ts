import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { reportCheck } from "../../preview/github/check-run";
import { connectGithub } from "../../preview/github/client";
import { keepComment } from "../../preview/github/comment";
import { keepDriftIssues } from "../../preview/github/drift-issues";
import { readUntrustedReport } from "../../preview/github/untrusted-report";
import type { DriftReport, StackDrift } from "../../preview/drift/model";
import { markerOf, renderMarkdown } from "../../preview/render/markdown";
import type { PreviewReport } from "../../preview/report/model";
import type { Refusal } from "../../preview/untrusted/refusal";
import { ROOT } from "../support/checkout";
import { drydock } from "../support/drydock";
import { GithubServer } from "../support/github";
import { aChange, aReport, aStack, bigReport } from "../support/reports";

let server: GithubServer;
let folder: string;

beforeEach(async () => {
  server = await GithubServer.open();
  folder = mkdtempSync(join(tmpdir(), "drydock-github-"));
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const body = (text: string, fleet = "acme"): string => `${markerOf(fleet)}\n${text}\n`;

const keep = (github: ReturnType<GithubServer["connect"]>, text: string, fleet = "acme") =>
  keepComment(github, { pullRequest: 12, fleet, body: text });

describe("the comment", () => {
  it("is made once and updated in place from then on", async () => {
    expect(await keep(server.connect(), body("one"))).toMatchObject({ done: "created" });
    expect(await keep(server.connect(), body("two"))).toMatchObject({ done: "updated" });
    expect(await keep(server.connect(), body("two"))).toMatchObject({ done: "unchanged" });
    expect(server.comments.map((comment) => comment.body)).toEqual([body("two")]);
  });

  it("is found behind hundreds of others, and never taken from a person who wrote the marker", async () => {
    server.add(server.comments, { body: body("forged"), user: { type: "User", login: "someone" } });
    for (let index = 0; index < 250; index += 1) server.add(server.comments, { body: `comment ${index}` });
    const own = server.add(server.comments, { body: body("one") });
    expect(await keep(server.connect(), body("two"))).toEqual({ id: own.id, done: "updated" });
    expect(server.comments[0]?.body).toBe(body("forged"));
  });

  it("is each fleet's own, and no other bot's", async () => {
    server.add(server.comments, { body: body("theirs"), user: { type: "Bot", login: "other[bot]" } });
    expect(await keep(server.connect(), body("one"))).toMatchObject({ done: "created" });
    expect(await keep(server.connect(), body("two", "second"), "second")).toMatchObject({ done: "created" });
    expect(await keep(server.connect(), body("three"))).toMatchObject({ done: "updated" });
    expect(server.comments.map((comment) => comment.body)).toEqual([body("theirs"), body("three"), body("two", "second")]);
  });

  it("is made anew when someone deletes it in between, and left out where the conversation is locked", async () => {
    await keep(server.connect(), body("one"));
    const github = server.connect();
    github.octokit.hook.after("request", (_, options) => {
      if (options.method === "GET") server.comments.splice(0);
    });
    expect(await keep(github, body("two"))).toMatchObject({ done: "created" });
    expect(server.comments).toHaveLength(1);
    server.comments.splice(0);
    server.locked = true;
    expect(await keep(server.connect(), body("three"))).toEqual({ id: undefined, done: "locked" });
  });

  it("is not doubled when the answer to its creation was lost", async () => {
    // The list is answered; the create is carried out, and its answer lost.
    const github = server.connect();
    github.octokit.hook.after("request", (_, options) => {
      if (options.method === "GET" && server.comments.length === 0) server.troubles.push({ status: 502, done: true });
    });
    expect(await keep(github, body("one"))).toMatchObject({ done: "unchanged" });
    expect(server.comments).toHaveLength(1);
  });
});

describe("GitHub answering", () => {
  const comment = () => keep(server.connect(), body("one"));

  it.each([429, 502, 503])("%d is asked again", async (status) => {
    server.troubles.push({ status, headers: status === 429 ? { "retry-after": "0" } : {} }, { status });
    expect(await comment()).toMatchObject({ done: "created" });
  });

  it("403 for too many requests is asked again", async () => {
    server.troubles.push({ status: 403, message: "You have exceeded a secondary rate limit", headers: { "retry-after": "0" } });
    expect(await comment()).toMatchObject({ done: "created" });
  });

  it.each([
    [401, "the token is not valid", 1],
    [403, "Give the job the permission pull-requests: write", 1],
    [404, "the token cannot see it", 1],
    [422, "it does not accept the content: the body is blank", 1],
    [429, "there were too many requests, also after waiting", 5],
    [502, "it answered 502, also when asked again", 5],
  ])("%d for good says what to do", async (status, words, requests) => {
    for (let index = 0; index < 6; index += 1) server.troubles.push({ status, message: status === 422 ? "the body is blank" : "no" });
    await expect(comment()).rejects.toMatchObject({ exitCode: 1, message: expect.stringContaining(words) as string });
    expect(server.requests).toHaveLength(requests);
  });

  it("nothing at all says that it could not be reached", async () => {
    const github = server.connect();
    server.close();
    await expect(keep(github, body("one"))).rejects.toThrow(/GitHub (refused|could not be reached)/);
  });
});

it("a check fails for the guard and for failed plans, and carries the summary", async () => {
  const guarded = aReport({ guard: { violations: [{ address: "a/b", action: "delete" }], allowed: [], stale: [] } });
  const check = (report: PreviewReport, refusals: readonly Refusal[] = [], fullReport?: string) =>
    reportCheck(server.connect(), { report, refusals, commit: "a".repeat(40), fullReport });
  await check(aReport(), [], "https://github.com/acme/platform/actions/runs/1");
  await check(guarded);
  await check(bigReport(5000));
  await check(aReport(), [{ stack: "dev", path: "module", reason: "loads a module", exception: undefined }]);
  expect(server.checks.map(({ conclusion }) => conclusion)).toEqual(["success", "failure", "success", "failure"]);
  expect(server.checks[0]).toMatchObject({ name: "Plan preview (acme)", details_url: "https://github.com/acme/platform/actions/runs/1" });
});

describe("issues about drift", () => {
  const drifted = (overrides: Partial<StackDrift> = {}): StackDrift => ({
    name: "dev-network",
    status: "differs",
    note: "",
    outside: [aChange()],
    unapplied: [],
    releases: [],
    ...overrides,
  });
  const report = (...stacks: StackDrift[]): DriftReport => ({
    version: 1,
    at: "2026-11-25T03:00:00Z",
    terraform: "1.11.4",
    commit: "a".repeat(40),
    fleet: "acme",
    whole: true,
    stacks,
  });

  it("are opened one per stack, updated, and closed when the drift is gone", async () => {
    expect(await keepDriftIssues(server.connect(), report(drifted(), drifted({ name: "dev-data" })))).toMatchObject([
      { done: "opened" },
      { done: "opened" },
    ]);
    expect(await keepDriftIssues(server.connect(), report(drifted(), drifted({ name: "dev-data", status: "same" })))).toMatchObject([
      { stack: "dev-network", done: "updated" },
      { stack: "dev-data", done: "closed" },
    ]);
    expect(server.issues.map(({ title, state }) => ({ title, state }))).toEqual([
      { title: "Drift in dev-network (acme)", state: "open" },
      { title: "Drift in dev-data (acme)", state: "closed" },
    ]);
    expect(server.issues[0]?.body).toContain("Changed outside");
  });

  it("of a stack that is gone are closed, those of another fleet and of stacks that were not asked about are not", async () => {
    await keepDriftIssues(server.connect(), report(drifted(), drifted({ name: "dev-data" })));
    server.add(server.issues, { title: "Drift in dev-data (second)", body: "", labels: ["drydock-drift"] });
    await keepDriftIssues(server.connect(), { ...report(drifted()), whole: false });
    expect(server.issues.map(({ state }) => state)).toEqual(["open", "open", "open"]);
    expect(await keepDriftIssues(server.connect(), report(drifted()))).toMatchObject([
      { done: "updated" },
      { stack: "dev-data", done: "closed" },
    ]);
    expect(server.issues.map(({ state }) => state)).toEqual(["open", "closed", "open"]);
  });

  it("stay as they are while nothing is known", async () => {
    await keepDriftIssues(server.connect(), report(drifted()));
    expect(await keepDriftIssues(server.connect(), report(drifted({ status: "failed", note: "no" })))).toEqual([]);
    expect(server.issues[0]?.state).toBe("open");
  });
});

describe("a report from a pull request", () => {
  const file = (text: string): string => {
    writeFileSync(join(folder, "report.json"), text);
    return join(folder, "report.json");
  };

  it("is taken when it is of the right form and about the right commit", () => {
    expect(readUntrustedReport(file(JSON.stringify(aReport())), "a".repeat(40))).toEqual(aReport());
  });

  it.each([
    ["it is about aaaaaaa", JSON.stringify(aReport())],
    ["not of the form", JSON.stringify({ ...aReport(), extra: "<script>" })],
    ["not of the form", '{"version":2}'],
    ["not of the form", "not JSON"],
    ["reports have at most", " ".repeat(33 * 1024 * 1024)],
  ])("is refused: %s", (reason, text) => {
    expect(() => readUntrustedReport(file(text), "c".repeat(40))).toThrow(reason);
  });

  const publish = (result: string, ...args: string[]) =>
    drydock(
      ROOT,
      [
        "publish",
        "preview",
        "--planned",
        join(folder, "planned"),
        "--rehearsed",
        folder,
        "--plan-result",
        result,
        "--pull-request",
        "12",
        ...args,
      ],
      { env: server.environment },
    );

  it("never passes for a plan: not by its own words, and not because the plan failed", async () => {
    const head = ["--head", "a".repeat(40)];
    file(JSON.stringify(aReport({ mode: "real", stacks: [] })));
    expect(await publish("failure", ...head)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("nothing of a pull request is") as string,
    });
    expect(await publish("skipped", ...head)).toMatchObject({ exitCode: 2 });
    file(JSON.stringify(aReport({ stacks: [] })));
    expect(await publish("failure", ...head)).toMatchObject({ exitCode: 0 });
    expect(server.checks[0]).toMatchObject({ conclusion: "failure" });
    expect(server.comments[0]?.body).toContain("the job that plans against the account failed");
    expect(await publish("skipped", ...head)).toMatchObject({ exitCode: 0 });
    expect(server.checks[1]).toMatchObject({ conclusion: "success" });
  });

  it("is published by the workflow's own command: a check, and a comment that fits", async () => {
    const report = bigReport(5000);
    const url = "https://github.com/acme/platform/actions/runs/1";
    file(JSON.stringify(report));
    const { exitCode, stdout, stderr } = await publish("skipped", "--head", report.head.commit, "--url", url);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: "The comment on #12 was created.", stderr: "" });
    expect(server.checks).toHaveLength(1);
    expect(server.comments[0]?.body).toBe(renderMarkdown(report, { limit: 65_536, fullReport: url }).trimEnd() + "\n");
  });
});

it("no token, and no repository, are said before anything is asked", () => {
  expect(() => connectGithub({ GITHUB_REPOSITORY: "acme/platform" })).toThrow("There is no GITHUB_TOKEN");
  expect(() => connectGithub({ GITHUB_TOKEN: "x" })).toThrow("GITHUB_REPOSITORY does not say which repository");
});

it("a stack's plan that failed is in the check's words", () => {
  const report = aReport({ stacks: [aStack({ status: "failed", note: "terraform plan failed" })] });
  expect(renderMarkdown(report)).toContain("terraform plan failed");
});
