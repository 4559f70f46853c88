import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { createInterface } from "node:readline";

/** How to reach an API and as whom. */
export interface KubeAccess {
  /** Such as `https://127.0.0.1:6443`. */
  readonly endpoint: string;
  /** Certificate authority, PEM. */
  readonly authority: string;
  /** Client certificate and key, PEM; or a token. */
  readonly credentials: { readonly certificate: string; readonly key: string } | { readonly token: string };
}

/** Whom a request pretends to come from; the access must be allowed to impersonate. */
export interface Impersonation {
  readonly user: string;
  readonly groups: readonly string[];
}

/** The API refused a request, or could not answer it. */
export class ApiError extends Error {
  constructor(
    /** HTTP status; 0 when there was no answer. */
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** A request without its path. */
export interface RequestOptions {
  readonly body?: object | undefined;
  readonly contentType?: string;
}

/** How long an answer may take, in milliseconds. */
const TIMEOUT_MS = 30_000;

/** Requests to one API over connections that stay open. */
export class KubeTransport {
  private readonly agent: Agent;
  /** A stream keeps its connection, so it must not take one of the others. */
  private readonly streams: Agent;

  constructor(private readonly access: KubeAccess) {
    const { credentials, authority } = access;
    const identity = "token" in credentials ? {} : { cert: credentials.certificate, key: credentials.key };
    this.agent = new Agent({ keepAlive: true, maxSockets: 8, ca: authority, ...identity });
    this.streams = new Agent({ ca: authority, ...identity });
  }

  /**
   * Sends a request and reads the whole answer.
   * @throws {ApiError} with the API's own words
   */
  exchange(
    method: string,
    path: string,
    { body, contentType = "application/json" }: RequestOptions,
    impersonation: Impersonation | undefined,
  ): Promise<{ readonly content: unknown; readonly headers: IncomingHttpHeaders }> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = this.headers(impersonation);
    if (payload !== undefined) {
      headers["content-type"] = contentType;
      headers["content-length"] = String(Buffer.byteLength(payload));
    }
    return new Promise((resolve, reject) => {
      const url = `${this.access.endpoint}${path}`;
      const outgoing = request(url, { method, headers, agent: this.agent, timeout: TIMEOUT_MS }, (answer) => {
        readAll(answer).then((text) => {
          const status = answer.statusCode ?? 0;
          if (status < 300) resolve({ content: text.startsWith("{") ? (JSON.parse(text) as unknown) : text, headers: answer.headers });
          else reject(new ApiError(status, messageOf(text) ?? `${method} ${path} answers ${status}`));
        }, reject);
      });
      outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
      outgoing.on("error", (error) => {
        // The API may close a connection that stayed open in the very moment; what only reads can be asked again.
        if (method === "GET" && outgoing.reusedSocket && isHungUp(error)) resolve(this.exchange(method, path, {}, impersonation));
        else reject(new ApiError(0, `${method} ${path}: ${error.message}`));
      });
      outgoing.end(payload);
    });
  }

  /**
   * Reads an answer line by line for as long as the API sends.
   * @param onEnd called once, when nothing more comes, for whatever reason
   * @returns ends the stream
   */
  stream(path: string, impersonation: Impersonation | undefined, onLine: (line: string) => void, onEnd: () => void): () => void {
    let over = false;
    const end = (): void => {
      if (over) return;
      over = true;
      outgoing.destroy();
      onEnd();
    };
    const url = `${this.access.endpoint}${path}`;
    const outgoing = request(url, { headers: this.headers(impersonation), agent: this.streams }, (answer) => {
      answer.on("error", end);
      answer.on("close", end);
      if (answer.statusCode !== 200) {
        end();
        return;
      }
      const lines = createInterface({ input: answer });
      lines.on("line", (line) => {
        if (!over) onLine(line);
      });
      // It passes on what goes wrong with its input.
      lines.on("error", end);
    });
    outgoing.on("error", end);
    outgoing.end();
    return end;
  }

  /** Ends idle connections. */
  close(): void {
    this.agent.destroy();
    this.streams.destroy();
  }

  private headers(impersonation: Impersonation | undefined): Record<string, string | string[]> {
    const headers: Record<string, string | string[]> = { accept: "application/json" };
    if ("token" in this.access.credentials) headers["authorization"] = `Bearer ${this.access.credentials.token}`;
    if (impersonation) {
      headers["impersonate-user"] = impersonation.user;
      if (impersonation.groups.length > 0) headers["impersonate-group"] = [...impersonation.groups];
    }
    return headers;
  }
}

function isHungUp(error: Error): boolean {
  return "code" in error && error.code === "ECONNRESET";
}

async function readAll(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function messageOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { readonly message?: string }).message;
  } catch {
    return text === "" ? undefined : text.slice(0, 500);
  }
}
