import { readFileSync } from "node:fs";
import { z } from "zod";
import { CommandError } from "../../config/command-error";
import { onGithub, repositoryName, type Github } from "./client";

/** The parts of GitHub's `workflow_run` event that Drydock reads; GitHub wrote it, not the pull request. */
const eventSchema = z.object({
  workflow_run: z.object({
    head_sha: z.string().regex(/^[0-9a-f]{40}$/),
    head_branch: z.string(),
    /** Null when the fork was deleted meanwhile. */
    head_repository: z.object({ full_name: z.string(), owner: z.object({ login: z.string() }) }).nullish(),
  }),
});

/** The run that a report came from. */
export type WorkflowRun = z.infer<typeof eventSchema>["workflow_run"];

/** An open pull request, as GitHub knows it. */
export interface OpenPullRequest {
  readonly number: number;
  readonly head: string;
  /** Whether its branch is in this repository, so that whoever pushed it may push here. */
  readonly own: boolean;
}

/**
 * Reads the event that started a workflow.
 * @param file path in `GITHUB_EVENT_PATH`
 * @throws {CommandError} with exit code 2 when it is not a `workflow_run`
 */
export function readWorkflowRun(file: string | undefined): WorkflowRun {
  try {
    return eventSchema.parse(JSON.parse(readFileSync(file ?? "", "utf8"))).workflow_run;
  } catch {
    throw new CommandError("GITHUB_EVENT_PATH holds no workflow_run event; this command runs in preview-report.yml.", 2);
  }
}

/**
 * The open pull request that a run was about. Asked of GitHub by branch, as the event names none for forks.
 * @param hint number that the run itself says; it only chooses among pull requests of this branch and commit
 * @returns undefined when it was closed, has moved on to another commit, or its fork was deleted
 */
export async function pullRequestOf(
  github: Github,
  { head_branch: branch, head_sha: commit, head_repository: repository }: WorkflowRun,
  hint?: number,
): Promise<OpenPullRequest | undefined> {
  if (!repository) return undefined;
  const { octokit, owner, repo } = github;
  const { data } = await onGithub(github, "list pull requests", "pull-requests: read", () =>
    octokit.rest.pulls.list({ owner, repo, state: "open", head: `${repository.owner.login}:${branch}`, per_page: 100 }),
  );
  const candidates = data.filter(({ head }) => head.sha === commit && repositoryName(head.repo) === repository.full_name);
  const found = candidates.find(({ number }) => number === hint) ?? candidates[0];
  return found && { number: found.number, head: commit, own: repository.full_name === `${owner}/${repo}` };
}
