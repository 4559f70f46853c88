import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { connectGithub, type Github } from "../../preview/github/client";

/** A comment or an issue on the server. */
export interface Entry {
  readonly id: number;
  readonly title?: string;
  readonly labels: readonly string[];
  readonly user: { readonly type: "Bot" | "User" };
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
  readonly pulls: { number: number; head: { sha: string; ref: string }; owner: string; merged_at?: string; merge_commit_sha?: string }[] =
    [];
  readonly runs: { id: number; event: string; head_sha: string }[] = [];
  readonly requests: Request[] = [];
  readonly troubles: Trouble[] = [];
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
    const added: Entry = { id: this.nextId, labels: [], user: { type: "Bot" }, state: "open", ...entry };
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
      return method === "GET" ? paged(this.comments) : [201, this.add(this.comments, { body: String(body["body"]) })];
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
      return [200, this.pulls.filter(({ owner, head }) => query.get("head") === `${owner}:${head.ref}`)];
    if (/^\/commits\/[0-9a-f]{40}\/pulls$/.test(path)) return [200, this.pulls.map((pull) => ({ merged_at: null, ...pull }))];
    if (path === "/actions/workflows/preview.yml/runs")
      return [
        200,
        { total_count: this.runs.length, workflow_runs: this.runs.filter(({ head_sha: sha }) => sha === query.get("head_sha")) },
      ];
    return [404, { message: "Not Found" }];
  }
}
