import { Octokit } from "@octokit/rest";
import pRetry from "p-retry";
import { CommandError } from "../../config/command-error";

/** A repository on GitHub and a way to speak to it. */
export interface Github {
  readonly octokit: Octokit;
  readonly owner: string;
  readonly repo: string;
  /** First pause before something is tried again, in milliseconds. */
  readonly pauseMs: number;
}

/** What {@link connectGithub} reads of the environment; GitHub's own names. */
export interface GithubEnvironment {
  readonly GITHUB_TOKEN?: string;
  /** `owner/name`. */
  readonly GITHUB_REPOSITORY?: string;
  /** @default https://api.github.com */
  readonly GITHUB_API_URL?: string;
}

const TIMEOUT_MS = 30_000;
const RETRIES = 4;

/** Longest pause that GitHub may ask for; what takes longer is better tried by hand. */
const LONGEST_PAUSE_MS = 60_000;

/**
 * Connects to the repository of a workflow.
 * @throws {CommandError} with exit code 2 when the environment does not say which, or holds no token
 */
export function connectGithub(environment: GithubEnvironment, pauseMs = 1000): Github {
  const { GITHUB_TOKEN: token, GITHUB_REPOSITORY: repository = "", GITHUB_API_URL: baseUrl = "https://api.github.com" } = environment;
  const [owner, repo] = repository.split("/");
  if (owner === undefined || repo === undefined || repo === "")
    throw new CommandError("GITHUB_REPOSITORY does not say which repository; it reads owner/name, and GitHub Actions sets it.", 2);
  if (token === undefined || token === "")
    throw new CommandError("There is no GITHUB_TOKEN. Pass the job's own token: env: { GITHUB_TOKEN: ${{ github.token }} }.", 2);
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const octokit = new Octokit({ auth: token, baseUrl, userAgent: "drydock", log: quiet });
  octokit.hook.before("request", (options) => {
    options.request = { ...options.request, signal: AbortSignal.timeout(TIMEOUT_MS) };
  });
  return { octokit, owner, repo, pauseMs };
}

/**
 * Does something on GitHub, again where that helps: too many requests, a server that fails, a broken connection.
 * The work must be safe to repeat, as it may have succeeded although its answer was lost.
 *
 * @param doing what is done, after "GitHub refused to", such as `comment on #12`
 * @param permission what the job's token needs for it, such as `pull-requests: write`
 * @throws {CommandError} in words that say what to change
 */
export async function onGithub<Result>(
  { pauseMs }: Pick<Github, "pauseMs">,
  doing: string,
  permission: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await pRetry(work, {
      retries: RETRIES,
      minTimeout: pauseMs,
      maxTimeout: LONGEST_PAUSE_MS,
      // p-retry gives up on type errors unless it knows them to be the network's.
      shouldRetry: ({ error }) => mayPass(error),
      onFailedAttempt: async ({ error }) => {
        const pause = askedPauseMs(error);
        if (pause !== undefined && mayPass(error)) await new Promise((resolve) => setTimeout(resolve, pause));
      },
    });
  } catch (error) {
    throw explained(error, doing, permission);
  }
}

interface HttpError extends Error {
  readonly status: number;
  readonly response?: { readonly headers: Readonly<Record<string, string | number | undefined>> };
}

function isHttpError(error: unknown): error is HttpError {
  return error instanceof Error && "status" in error && typeof error.status === "number";
}

/** Full name of a repository; undefined where it was deleted, of which GitHub's own types know nothing. */
export function repositoryName(repository: { readonly full_name?: string } | null | undefined): string | undefined {
  return repository?.full_name;
}

/** Whether GitHub answered with a status. */
export function hasStatus(error: unknown, status: number): error is HttpError {
  return isHttpError(error) && error.status === status;
}

function mayPass(error: Error): boolean {
  if (!isHttpError(error)) return true;
  const { status } = error;
  // Octokit reports a connection that broke, or took too long, as 500.
  if (status === 429 || status >= 500) return (askedPauseMs(error) ?? 0) <= LONGEST_PAUSE_MS;
  return status === 403 && isRateLimit(error) && (askedPauseMs(error) ?? 0) <= LONGEST_PAUSE_MS;
}

function isRateLimit({ response, message }: HttpError): boolean {
  return (
    response?.headers["retry-after"] !== undefined || response?.headers["x-ratelimit-remaining"] === "0" || /rate limit/i.test(message)
  );
}

/** How long GitHub asks to wait, in milliseconds. */
function askedPauseMs(error: unknown): number | undefined {
  if (!isHttpError(error)) return undefined;
  const headers = error.response?.headers ?? {};
  if (headers["retry-after"] !== undefined) return Number(headers["retry-after"]) * 1000;
  if (headers["x-ratelimit-remaining"] !== "0" || headers["x-ratelimit-reset"] === undefined) return undefined;
  return Math.max(0, Number(headers["x-ratelimit-reset"]) * 1000 - Date.now());
}

function explained(error: unknown, doing: string, permission: string): CommandError {
  if (!isHttpError(error))
    return new CommandError(`GitHub could not be reached to ${doing}: ${error instanceof Error ? error.message : String(error)}`, 1);
  const words = ((): string => {
    switch (error.status) {
      case 401:
        return "the token is not valid or has expired. Pass the job's own token as GITHUB_TOKEN.";
      case 403:
        return isRateLimit(error)
          ? "the token made too many requests. Run the job again later."
          : `the token may not. Give the job the permission ${permission}; a pull request of a fork never gets it, which is why preview-comment.yml runs on workflow_run.`;
      case 404:
        return `there is no such thing, or the token cannot see it. Check GITHUB_REPOSITORY and the permission ${permission}.`;
      case 422:
        return `it does not accept the content: ${firstLine(error.message)}`;
      case 429:
        return "there were too many requests, also after waiting. Run the job again later.";
      default:
        return `it answered ${error.status}, also when asked again: ${firstLine(error.message)}`;
    }
  })();
  return new CommandError(`GitHub refused to ${doing}: ${words}`, 1);
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
