import type { DriftReport, StackDrift } from "../drift/model";
import { driftBody, driftTitle } from "../render/drift-markdown";
import { onGithub, type Github } from "./client";

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

/** Keeps one issue per stack that drifted: opened, updated, and closed once the drift is gone. */
export async function keepDriftIssues(github: Github, report: DriftReport): Promise<readonly IssueResult[]> {
  const { octokit, owner, repo } = github;
  const open = await onGithub(github, "list issues", "issues: read", () =>
    octokit.paginate(octokit.rest.issues.listForRepo, { owner, repo, state: "open", labels: DRIFT_LABEL, per_page: 100 }),
  );
  const results: IssueResult[] = [];
  for (const stack of report.stacks) {
    const title = driftTitle(stack.name);
    const existing = open.find((issue) => issue.title === title && issue.user?.type === "Bot");
    // Of a stack whose plan failed nothing is known, so its issue stays as it is.
    if (stack.status === "failed") continue;
    const done = await keepIssue(github, stack, existing?.number);
    if (done) results.push({ stack: stack.name, ...done });
  }
  return results;
}

async function keepIssue(github: Github, stack: StackDrift, existing: number | undefined): Promise<Omit<IssueResult, "stack"> | undefined> {
  const { octokit, owner, repo } = github;
  const title = driftTitle(stack.name);
  if (stack.status === "same") {
    if (existing === undefined) return undefined;
    await onGithub(github, `close #${existing}`, "issues: write", () =>
      octokit.rest.issues.update({ owner, repo, issue_number: existing, state: "closed", state_reason: "completed" }),
    );
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
    const lost = found.find((issue) => issue.title === title && issue.user?.type === "Bot");
    return lost?.number ?? (await octokit.rest.issues.create({ owner, repo, title, body, labels: [DRIFT_LABEL] })).data.number;
  });
  return { number, done: "opened" };
}
