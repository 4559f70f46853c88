import { markerOf } from "../render/markdown";
import { hasStatus, onGithub, type Github } from "./client";

/** Who writes comments and issues when a job of GitHub Actions uses its own token. */
export const ACTIONS_BOT = "github-actions[bot]";

/** A comment to keep. */
export interface KeptComment {
  readonly pullRequest: number;
  /** Fleet whose comment it is: each keeps its own. */
  readonly fleet: string;
  /** Below GitHub's limit; it begins with the fleet's marker. */
  readonly body: string;
  /**
   * Who writes it; only its own comments are updated, as anyone may write the marker.
   * @default {@link ACTIONS_BOT}
   */
  readonly author?: string;
}

/** What became of a comment. */
export interface CommentResult {
  readonly id: number | undefined;
  readonly done: "created" | "updated" | "unchanged" | "locked";
}

/** Keeps one comment on a pull request: updated in place, made anew when someone deleted it. */
export async function keepComment(github: Github, { pullRequest, fleet, body, author = ACTIONS_BOT }: KeptComment): Promise<CommentResult> {
  const { octokit, owner, repo } = github;
  return onGithub(github, `comment on #${pullRequest}`, "pull-requests: write", async (): Promise<CommentResult> => {
    const create = async (): Promise<CommentResult> => {
      try {
        const { data } = await octokit.rest.issues.createComment({ owner, repo, issue_number: pullRequest, body });
        return { id: data.id, done: "created" };
      } catch (error) {
        if (hasStatus(error, 403) && /\block(ed)?\b/i.test(error.message)) return { id: undefined, done: "locked" };
        throw error;
      }
    };
    // Looked for anew at each try: the answer to a create may have been lost.
    const comments = await octokit.paginate(octokit.rest.issues.listComments, { owner, repo, issue_number: pullRequest, per_page: 100 });
    const own = comments.find(({ user, body: text }) => user?.login === author && text?.startsWith(markerOf(fleet)) === true);
    if (!own) return create();
    // GitHub stores comments with line ends of its own.
    if (own.body?.replaceAll("\r\n", "\n").trim() === body.trim()) return { id: own.id, done: "unchanged" };
    try {
      await octokit.rest.issues.updateComment({ owner, repo, comment_id: own.id, body });
      return { id: own.id, done: "updated" };
    } catch (error) {
      // Someone deleted it in between.
      if (hasStatus(error, 404)) return create();
      throw error;
    }
  });
}
