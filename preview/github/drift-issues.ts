import type { DriftReport, StackDrift } from "../drift/model";
import { driftBody, driftTitle, stackInTitle } from "../render/drift-markdown";
import { onGithub, type Github } from "./client";
import { ACTIONS_BOT } from "./comment";

/** Label of the issues that Drydock keeps about drift. */
export const DRIFT_LABEL = "drydock-drift";

/** Limit of GitHub for an issue's text, in characters. */
const BODY_LIMIT = 65_536;

/** What became of a stack's issue. */
export interface IssueResult {
  readonly stack: string;
  readonly number: number;
  readonly done: "opened" | "updated" | "closed";
}

/** Keeps one issue per stack that drifted: opened, updated, and closed once the drift, or the stack, is gone. */
export async function keepDriftIssues(github: Github, report: DriftReport, author = ACTIONS_BOT): Promise<readonly IssueResult[]> {
  const { octokit, owner, repo } = github;
  const open = await onGithub(github, "list issues", "issues: read", () =>
    octokit.paginate(octokit.rest.issues.listForRepo, { owner, repo, state: "open", labels: DRIFT_LABEL, per_page: 100 }),
  );
  const results: IssueResult[] = [];
  for (const stack of report.stacks) {
    const title = driftTitle(stack.name, report.fleet);
    const existing = open.find((issue) => issue.title === title && issue.user?.login === author);
    // Of a stack whose plan failed nothing is known, so its issue stays as it is.
    if (stack.status === "failed") continue;
    const done = await keepIssue(github, { stack, title, author }, existing?.number);
    if (done) results.push({ stack: stack.name, ...done });
  }
  if (!report.whole) return results;
  const names = new Set(report.stacks.map(({ name }) => name));
  for (const { title, number, user } of open) {
    const stack = stackInTitle(title, report.fleet);
    if (stack === undefined || names.has(stack) || user?.login !== author) continue;
    await close(github, number);
    results.push({ stack, number, done: "closed" });
  }
  return results;
}

interface Kept {
  readonly stack: StackDrift;
  readonly title: string;
  readonly author: string;
}

async function close(github: Github, number: number): Promise<void> {
  const { octokit, owner, repo } = github;
  await onGithub(github, `close #${number}`, "issues: write", () =>
    octokit.rest.issues.update({ owner, repo, issue_number: number, state: "closed", state_reason: "completed" }),
  );
}

async function keepIssue(
  github: Github,
  { stack, title, author }: Kept,
  existing: number | undefined,
): Promise<Omit<IssueResult, "stack"> | undefined> {
  const { octokit, owner, repo } = github;
  if (stack.status === "same") {
    if (existing === undefined) return undefined;
    await close(github, existing);
    return { number: existing, done: "closed" };
  }
  const body = driftBody(stack, BODY_LIMIT);
  if (existing !== undefined) {
    await onGithub(github, `update #${existing}`, "issues: write", () =>
      octokit.rest.issues.update({ owner, repo, issue_number: existing, body }),
    );
    return { number: existing, done: "updated" };
  }
  const number = await onGithub(github, `open an issue about ${stack.name}`, "issues: write", async () => {
    // Looked for anew at each try: the answer to a create may have been lost.
    const { data: found } = await octokit.rest.issues.listForRepo({ owner, repo, state: "open", labels: DRIFT_LABEL, per_page: 100 });
    const lost = found.find((issue) => issue.title === title && issue.user?.login === author);
    return lost?.number ?? (await octokit.rest.issues.create({ owner, repo, title, body, labels: [DRIFT_LABEL] })).data.number;
  });
  return { number, done: "opened" };
}
