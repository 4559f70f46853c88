import { MARKER } from "../render/markdown";
import { onGithub, type Github } from "./client";

/** What became of a comment. */
export interface CommentResult {
  readonly id: number;
  readonly done: "created" | "updated" | "unchanged";
}

/**
 * Keeps one comment on a pull request: updated in place, never added to. Only a comment that a bot wrote is taken for
 * ours: anyone may write the marker.
 *
 * @param body below GitHub's limit; it begins with the marker
 */
export async function keepComment(github: Github, pullRequest: number, body: string): Promise<CommentResult> {
  const { octokit, owner, repo } = github;
  return onGithub(github, `comment on #${pullRequest}`, "pull-requests: write", async () => {
    // Looked for anew at each try: the answer to a create may have been lost.
    const comments = await octokit.paginate(octokit.rest.issues.listComments, { owner, repo, issue_number: pullRequest, per_page: 100 });
    const own = comments.find((comment) => comment.user?.type === "Bot" && comment.body?.startsWith(MARKER) === true);
    if (!own) {
      const { data } = await octokit.rest.issues.createComment({ owner, repo, issue_number: pullRequest, body });
      return { id: data.id, done: "created" };
    }
    // GitHub stores comments with line ends of its own.
    if (own.body?.replaceAll("\r\n", "\n").trim() === body.trim()) return { id: own.id, done: "unchanged" };
    await octokit.rest.issues.updateComment({ owner, repo, comment_id: own.id, body });
    return { id: own.id, done: "updated" };
  });
}
