import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { connectGithub, type Github } from "../../preview/github/client";

/** A comment or an issue on the server. */
export interface Entry {
  readonly id: number;
  readonly title?: string;
  readonly labels: readonly string[];
  readonly user: { readonly type: "Bot" | "User"; readonly login: string };
  body: string;
  state: "open" | "closed";
}

/** An answer to give in place of the real one, once. */
export interface Trouble {
  readonly status: number;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The request is carried out all the same, and only its answer is lost. */
  readonly done?: boolean;
}

/** A request that was made, for a test to look at. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A pull request, from a branch of `owner`'s repository to one of ours. */
export interface Pull {
  readonly number: number;
  readonly owner: string;
  readonly head: { readonly sha: string; readonly ref: string };
  /** @default `main` */
  readonly base?: string;
  readonly merged_at?: string;
  /** Commits of our branch that it brought. */
  readonly commits?: readonly string[];
}

/** A run of a workflow. */
export interface Run {
  readonly id: number;
  readonly event: string;
  readonly head_sha: string;
  readonly path: string;
  readonly conclusion: string;
  readonly head_branch: string;
  /** Full name of the repository that the commit is in. */
  readonly repository: string;
}

/** An artefact of a run. */
export interface Artifact {
  readonly id: number;
  readonly name: string;
  readonly run: number;
  readonly expired?: boolean;
  readonly zip: Uint8Array;
}

/** Status, body and headers. */
type Answer = readonly [number, unknown, Readonly<Record<string, string>>?];

const TOKEN = "ghs_of_the_test";
const REPOSITORY = "/repos/acme/platform";
const LONGEST = 65_536;

/** GitHub's API on loopback, as far as Drydock uses it: it refuses what the real one refuses. */
export class GithubServer {
  readonly comments: Entry[] = [];
  readonly issues: Entry[] = [];
  readonly checks: Readonly<Record<string, unknown>>[] = [];
  readonly pulls: Pull[] = [];
  readonly runs: Run[] = [];
  readonly artifacts: Artifact[] = [];
  /** Commits with their parents. */
  readonly commits = new Map<string, readonly string[]>();
  readonly requests: Request[] = [];
  readonly troubles: Trouble[] = [];
  /** Whether the conversation is locked. */
  locked = false;
  private nextId = 100;

  private constructor(private readonly server: Server) {}

  static async open(): Promise<GithubServer> {
    const server = createServer();
    const github = new GithubServer(server);
    server.on("request", (request: IncomingMessage, response: ServerResponse) => void github.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return github;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  get environment(): { readonly GITHUB_TOKEN: string; readonly GITHUB_REPOSITORY: string; readonly GITHUB_API_URL: string } {
    const { port } = this.server.address() as AddressInfo;
    return { GITHUB_TOKEN: TOKEN, GITHUB_REPOSITORY: "acme/platform", GITHUB_API_URL: `http://127.0.0.1:${port}` };
  }

  /** A connection that does not wait long between tries. */
  connect(): Github {
    return connectGithub(this.environment, 1);
  }

  add(list: Entry[], entry: Partial<Entry> & { readonly body: string }): Entry {
    this.nextId += 1;
    const added: Entry = { id: this.nextId, labels: [], user: { type: "Bot", login: "github-actions[bot]" }, state: "open", ...entry };
    list.push(added);
    return added;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
    const url = new URL(request.url ?? "", "http://127.0.0.1");
    const path = url.pathname.replace(REPOSITORY, "");
    const method = request.method ?? "";
    this.requests.push({ method, path: url.pathname + url.search, body });
    const send = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void => {
      response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers }).end(JSON.stringify(value));
    };
    if (request.headers.authorization !== `token ${TOKEN}` || !request.headers.accept?.includes("application/vnd.github")) {
      send(401, { message: "Bad credentials" });
      return;
    }
    const trouble = this.troubles.shift();
    if (trouble && !trouble.done) {
      send(trouble.status, { message: trouble.message ?? "trouble" }, trouble.headers);
      return;
    }
    const [, zip] = /^\/actions\/artifacts\/(\d+)\/zip$/.exec(path) ?? [];
    const artifact = this.artifacts.find(({ id }) => id === Number(zip));
    if (artifact) {
      response.writeHead(200, { "content-type": "application/zip" }).end(artifact.zip);
      return;
    }
    const [status, value, headers] = this.route(method, path, url.searchParams, body);
    if (trouble) send(trouble.status, { message: "the answer was lost" });
    else send(status, value, headers);
  }

  private route(method: string, path: string, query: URLSearchParams, body: Readonly<Record<string, unknown>>): Answer {
    if (typeof body["body"] === "string" && body["body"].length > LONGEST)
      return [422, { message: "Validation Failed: body is too long (maximum is 65536 characters)" }];
    const page = Number(query.get("page") ?? 1);
    const size = Number(query.get("per_page") ?? 30);
    const paged = (list: readonly unknown[]): Answer => {
      const next = new URLSearchParams([...query].filter(([name]) => name !== "page").concat([["page", String(page + 1)]]));
      const link = `<${this.environment.GITHUB_API_URL}${REPOSITORY}${path}?${next.toString()}>; rel="next"`;
      return [200, list.slice((page - 1) * size, page * size), page * size < list.length ? { link } : {}];
    };
    const [, comment] = /^\/issues\/comments\/(\d+)$/.exec(path) ?? [];
    const [, issue] = /^\/issues\/(\d+)$/.exec(path) ?? [];
    const edit = (list: Entry[], id: string): [number, unknown] => {
      const entry = list.find((each) => each.id === Number(id));
      if (!entry) return [404, { message: "Not Found" }];
      if (entry.user.type !== "Bot") return [403, { message: "Resource not accessible by integration" }];
      if (typeof body["body"] === "string") entry.body = body["body"];
      if (body["state"] === "closed") entry.state = "closed";
      return [200, { ...entry, number: entry.id }];
    };
    if (path === "/issues/12/comments")
      return method === "GET"
        ? paged(this.comments)
        : this.locked
          ? [403, { message: "Unable to create comment because issue is locked." }]
          : [201, this.add(this.comments, { body: String(body["body"]) })];
    if (comment !== undefined && method === "PATCH") return edit(this.comments, comment);
    if (path === "/issues" && method === "GET") {
      const label = query.get("labels");
      const found = this.issues.filter(({ state, labels }) => state === query.get("state") && (label === null || labels.includes(label)));
      return paged(found.map((entry) => ({ ...entry, number: entry.id })));
    }
    if (path === "/issues" && method === "POST") {
      const entry = this.add(this.issues, { title: String(body["title"]), body: String(body["body"]), labels: body["labels"] as string[] });
      return [201, { ...entry, number: entry.id }];
    }
    if (issue !== undefined && method === "PATCH") return edit(this.issues, issue);
    if (path === "/check-runs" && method === "POST") {
      const { title, summary } = body["output"] as { readonly title: string; readonly summary: string };
      if (summary.length > LONGEST || title.length > 255 || !/^[0-9a-f]{40}$/.test(String(body["head_sha"])))
        return [422, { message: "Validation Failed" }];
      this.checks.push(body);
      return [201, { id: this.checks.length }];
    }
    if (path === "/pulls" && method === "GET")
      return [200, this.pulls.filter(({ owner, head }) => query.get("head") === `${owner}:${head.ref}`).map(pullJson)];
    const [, commit] = /^\/commits\/([0-9a-f]{40})\/pulls$/.exec(path) ?? [];
    if (commit !== undefined) return [200, this.pulls.filter(({ commits = [] }) => commits.includes(commit)).map(pullJson)];
    const [, from, to] = /^\/compare\/([\w-]+)\.\.\.([\w-]+)$/.exec(path) ?? [];
    if (from !== undefined && to !== undefined) return [200, this.compared(from, to)];
    const [, workflow] = /^\/actions\/workflows\/([\w.-]+)\/runs$/.exec(path) ?? [];
    if (workflow !== undefined) {
      const wanted = (run: Run): boolean =>
        run.path === `.github/workflows/${workflow}` &&
        ["branch", "event", "status"].every((name) => {
          const value = query.get(name);
          return value === null || { branch: run.head_branch, event: run.event, status: run.conclusion }[name] === value;
        });
      const found = this.runs.filter(wanted).sort((x, y) => y.id - x.id);
      return [200, { total_count: found.length, workflow_runs: found.map(runJson) }];
    }
    const [, runId] = /^\/actions\/runs\/(\d+)$/.exec(path) ?? [];
    const run = this.runs.find(({ id }) => id === Number(runId));
    if (run) return [200, runJson(run)];
    if (path === "/actions/artifacts") {
      const found = this.artifacts.filter(({ name }) => name === query.get("name"));
      return [
        200,
        {
          total_count: found.length,
          artifacts: found.map(({ id, name, run: of, expired = false }) => ({ id, name, expired, workflow_run: { id: of } })),
        },
      ];
    }
    return [404, { message: "Not Found" }];
  }

  /** How commits lie to each other, as `GET /compare` says it. */
  private compared(from: string, to: string): object {
    const hash = (name: string): string => (name === "main" ? ([...this.commits.keys()].at(-1) ?? "") : name);
    const before = (commit: string): readonly string[] => [commit, ...(this.commits.get(commit) ?? []).flatMap(before)];
    const [left, right] = [before(hash(from)), before(hash(to))];
    const base = left.find((commit) => right.includes(commit)) ?? "";
    const commits = [...new Set(right)].filter((commit) => !left.includes(commit)).reverse();
    const ahead = base === hash(from);
    const status = hash(from) === hash(to) ? "identical" : ahead ? "ahead" : base === hash(to) ? "behind" : "diverged";
    const parents = (commit: string) => (this.commits.get(commit) ?? []).map((sha) => ({ sha }));
    return { status, merge_base_commit: { sha: base }, commits: commits.map((sha) => ({ sha, parents: parents(sha) })) };
  }
}

function pullJson({ base = "main", owner, head, merged_at: at, ...pull }: Pull): object {
  return {
    ...pull,
    merged_at: at ?? null,
    head: { ...head, repo: { full_name: `${owner}/platform` } },
    base: { ref: base, repo: { full_name: "acme/platform" } },
  };
}

function runJson({ repository, ...run }: Run): object {
  return { ...run, head_repository: { full_name: repository } };
}
