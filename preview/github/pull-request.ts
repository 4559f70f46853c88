import { readFileSync } from "node:fs";
import { z } from "zod";
import { CommandError } from "../../config/command-error";
import { onGithub, type Github } from "./client";

/** The parts of GitHub's `workflow_run` event that Drydock reads; GitHub wrote it, not the pull request. */
const eventSchema = z.object({
  workflow_run: z.object({
    head_sha: z.string().regex(/^[0-9a-f]{40}$/),
    head_branch: z.string(),
    html_url: z.url(),
    head_repository: z.object({ owner: z.object({ login: z.string() }) }),
  }),
});

/** The run that a report came from. */
export type WorkflowRun = z.infer<typeof eventSchema>["workflow_run"];

/**
 * Reads the event that started a workflow.
 * @param file path in `GITHUB_EVENT_PATH`
 * @throws {CommandError} with exit code 2 when it is not a `workflow_run`
 */
export function readWorkflowRun(file: string | undefined): WorkflowRun {
  try {
    return eventSchema.parse(JSON.parse(readFileSync(file ?? "", "utf8"))).workflow_run;
  } catch {
    throw new CommandError("GITHUB_EVENT_PATH holds no workflow_run event; this command runs in preview-comment.yml.", 2);
  }
}

/**
 * The open pull request that a run was about. Asked of GitHub by branch, as the event names none for forks.
 * @returns undefined when it was closed, or has moved on to another commit
 */
export async function pullRequestOf(
  github: Github,
  { head_branch: branch, head_sha: commit, head_repository: fork }: WorkflowRun,
): Promise<number | undefined> {
  const { octokit, owner, repo } = github;
  const { data } = await onGithub(github, "list pull requests", "pull-requests: read", () =>
    octokit.rest.pulls.list({ owner, repo, state: "open", head: `${fork.owner.login}:${branch}`, per_page: 100 }),
  );
  return data.find(({ head }) => head.sha === commit)?.number;
}

/** The merged pull request of a commit on the main line, and the commit that was reviewed. */
export async function mergedPullRequest(
  github: Github,
  commit: string,
): Promise<{ readonly number: number; readonly head: string } | undefined> {
  const { octokit, owner, repo } = github;
  const { data } = await onGithub(github, `find the pull request of ${commit.slice(0, 7)}`, "pull-requests: read", () =>
    octokit.rest.repos.listPullRequestsAssociatedWithCommit({ owner, repo, commit_sha: commit }),
  );
  const merged = data.find(({ merged_at: at, merge_commit_sha: merge }) => at !== null && merge === commit);
  return merged && { number: merged.number, head: merged.head.sha };
}

/** The newest successful run of a workflow on a commit. */
export async function runOn(github: Github, workflow: string, commit: string): Promise<number | undefined> {
  const { octokit, owner, repo } = github;
  const { data } = await onGithub(github, `find the run of ${workflow} on ${commit.slice(0, 7)}`, "actions: read", () =>
    octokit.rest.actions.listWorkflowRuns({ owner, repo, workflow_id: workflow, head_sha: commit, status: "completed", per_page: 20 }),
  );
  return data.workflow_runs.find(({ event }) => event === "pull_request")?.id;
}
