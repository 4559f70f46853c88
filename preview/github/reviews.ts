import { unzipSync } from "fflate";
import { CommandError } from "../../config/command-error";
import { onGithub, repositoryName, type Github } from "./client";
import { LARGEST_REPORT } from "./untrusted-report";

/** Workflow whose runs make the reports that a deploy accepts: it runs on the deploying branch, from that branch's file. */
export const REPORT_WORKFLOW = ".github/workflows/preview-report.yml";

/** Workflow whose successful runs say what was deployed last. */
const DEPLOY_WORKFLOW = "deploy.yml";

/** Most commits that one deploy brings along; more are a sign that deploys have not worked for long. */
const MOST_COMMITS = 250;

/** A merged pull request, as far as its review is found by it. */
export interface MergedPullRequest {
  readonly number: number;
  /** Commit that was reviewed. */
  readonly head: string;
}

/** Name of the artefact with the report of a pull request at a commit. */
export function reportArtifact({ number, head }: MergedPullRequest): string {
  return `preview-report-${number}-${head}`;
}

/** The commit of the newest deploy of a branch that succeeded as a whole; undefined before the first. */
export async function lastDeployed(github: Github, branch: string): Promise<string | undefined> {
  const { octokit, owner, repo } = github;
  const { data } = await onGithub(github, `find the last deploy of ${branch}`, "actions: read", () =>
    octokit.rest.actions.listWorkflowRuns({
      owner,
      repo,
      workflow_id: DEPLOY_WORKFLOW,
      branch,
      event: "push",
      status: "success",
      per_page: 30,
    }),
  );
  return data.workflow_runs.find((run) => run.conclusion === "success" && repositoryName(run.head_repository) === `${owner}/${repo}`)
    ?.head_sha;
}

/** How one commit lies to another: `ahead` when the second holds the first. */
export async function relationOf(
  github: Github,
  from: string,
  to: string,
): Promise<{ readonly status: string; readonly mergeBase: string; readonly commits: readonly Commit[] }> {
  const { octokit, owner, repo } = github;
  const { data } = await onGithub(github, `compare ${from.slice(0, 7)} with ${to.slice(0, 7)}`, "contents: read", () =>
    octokit.rest.repos.compareCommitsWithBasehead({ owner, repo, basehead: `${from}...${to}`, per_page: MOST_COMMITS }),
  );
  const commits = data.commits.map(({ sha, parents }) => ({ sha, parents: parents.map((parent) => parent.sha) }));
  return { status: data.status, mergeBase: data.merge_base_commit.sha, commits };
}

interface Commit {
  readonly sha: string;
  readonly parents: readonly string[];
}

/**
 * The pull requests that brought a branch from one commit to another, oldest first.
 * @throws {CommandError} with exit code 3 for a commit that came by none: nobody reviewed it
 */
export async function mergedBetween(github: Github, from: string, to: string, branch: string): Promise<readonly MergedPullRequest[]> {
  const { status, commits } = await relationOf(github, from, to);
  if (status === "identical") return [];
  if (status !== "ahead")
    throw new CommandError(
      `${branch} was moved: ${to.slice(0, 7)} does not follow ${from.slice(0, 7)}, which was deployed last. Bring it back, or deploy by hand with npx cdktf deploy.`,
      3,
    );
  const found = new Map<number, MergedPullRequest>();
  for (const commit of firstParents(commits, from, to)) {
    const merged = await mergedPullRequest(github, commit, branch);
    if (!merged)
      throw new CommandError(
        `${commit.slice(0, 7)} came to ${branch} by no pull request, so nobody reviewed it. Deploy what was merged through one.`,
        3,
      );
    found.set(merged.number, merged);
  }
  return [...found.values()];
}

/** The line of commits that a branch went along, oldest first; what a merge brought in lies beside it. */
function firstParents(commits: readonly Commit[], from: string, to: string): readonly string[] {
  const byHash = new Map(commits.map((commit) => [commit.sha, commit]));
  const line: string[] = [];
  for (let at: string | undefined = to; at !== undefined && at !== from; at = byHash.get(at)?.parents[0]) {
    if (!byHash.has(at))
      throw new CommandError(
        `More than ${MOST_COMMITS} commits are not deployed. Deploy by hand once with npx cdktf deploy, then run this again.`,
        3,
      );
    line.unshift(at);
  }
  return line;
}

/** The pull request that brought a commit to a branch of this repository. */
async function mergedPullRequest(github: Github, commit: string, branch: string): Promise<MergedPullRequest | undefined> {
  const { octokit, owner, repo } = github;
  const { data } = await onGithub(github, `find the pull request of ${commit.slice(0, 7)}`, "pull-requests: read", () =>
    octokit.rest.repos.listPullRequestsAssociatedWithCommit({ owner, repo, commit_sha: commit }),
  );
  const merged = data.find(
    ({ merged_at: at, base }) => at !== null && base.ref === branch && repositoryName(base.repo) === `${owner}/${repo}`,
  );
  return merged && { number: merged.number, head: merged.head.sha };
}

/**
 * The newest report of a pull request that a successful run of the deploying branch's own workflow made. An artefact of
 * the right name is not enough: any run may upload one.
 *
 * @returns text of the report
 * @throws {CommandError} with exit code 3 when there is none
 */
export async function reviewedReport(github: Github, merged: MergedPullRequest, branch: string): Promise<string> {
  const { octokit, owner, repo } = github;
  const name = reportArtifact(merged);
  const { data } = await onGithub(github, `find the report of #${merged.number}`, "actions: read", () =>
    octokit.rest.actions.listArtifactsForRepo({ owner, repo, name, per_page: 100 }),
  );
  const newest = [...data.artifacts].sort((a, b) => b.id - a.id);
  for (const { id, expired, workflow_run: run } of newest)
    if (!expired && run?.id !== undefined && (await isTrusted(github, run.id, branch))) return readArtifact(github, id, merged.number);
  throw new CommandError(
    `There is no report of #${merged.number} at ${merged.head.slice(0, 7)} from a successful run of ${REPORT_WORKFLOW}. ${HOW_TO_REVIEW}`,
    3,
  );
}

const HOW_TO_REVIEW =
  "Run the preview of that pull request again, or open another one, however small: its preview shows everything that is not deployed.";

async function isTrusted(github: Github, runId: number, branch: string): Promise<boolean> {
  const { octokit, owner, repo } = github;
  const { data: run } = await onGithub(github, `look at run ${runId}`, "actions: read", () =>
    octokit.rest.actions.getWorkflowRun({ owner, repo, run_id: runId }),
  );
  return (
    run.event === "workflow_run" &&
    run.conclusion === "success" &&
    // Since 2022 a path may end in the ref that it was read from.
    run.path.split("@")[0] === REPORT_WORKFLOW &&
    run.head_branch === branch &&
    repositoryName(run.head_repository) === `${owner}/${repo}`
  );
}

async function readArtifact(github: Github, id: number, pullRequest: number): Promise<string> {
  const { octokit, owner, repo } = github;
  const { data } = await onGithub(github, `read the report of #${pullRequest}`, "actions: read", () =>
    octokit.rest.actions.downloadArtifact({ owner, repo, artifact_id: id, archive_format: "zip" }),
  );
  const files = unzipSync(new Uint8Array(data as ArrayBuffer), {
    filter: ({ name, originalSize }) => name === "report.json" && originalSize <= LARGEST_REPORT,
  });
  const report = files["report.json"];
  if (!report)
    throw new CommandError(`The report of #${pullRequest} holds no report.json of at most ${LARGEST_REPORT} bytes. ${HOW_TO_REVIEW}`, 3);
  return Buffer.from(report).toString("utf8");
}
