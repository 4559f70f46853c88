import type { IncomingHttpHeaders } from "node:http";
import { Agent, request } from "node:https";
import { describeObject, type KubeObject } from "./kube-objects";

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

/** Where objects of a kind live. */
interface ResourceKind {
  readonly name: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** A listed kind with the API version it was listed under. */
export interface ListedKind extends ResourceKind {
  readonly apiVersion: string;
}

/** How long an answer may take, in milliseconds. */
const TIMEOUT_MS = 30_000;

type Body = object | undefined;

interface RequestOptions {
  readonly body?: Body;
  readonly contentType?: string;
}

/**
 * A small client of a Kubernetes API: any kind, found by discovery. (The official client needs a newer Node than
 * Drydock does.)
 */
export class KubeClient {
  private readonly agent: Agent;
  private readonly kinds = new Map<string, readonly ResourceKind[]>();

  constructor(
    private readonly access: KubeAccess,
    private readonly impersonation?: Impersonation,
  ) {
    const { credentials, authority } = access;
    const identity = "token" in credentials ? {} : { cert: credentials.certificate, key: credentials.key };
    this.agent = new Agent({ keepAlive: true, maxSockets: 8, ca: authority, ...identity });
  }

  /** The same API as someone else sees it. */
  as(user: string, groups: readonly string[] = []): KubeClient {
    return new KubeClient(this.access, { user, groups });
  }

  /** @throws {ApiError} when it does not exist, or may not be read */
  get<Kind extends KubeObject>(apiVersion: string, kind: string, name: string, namespace?: string): Promise<Kind> {
    return this.onObject("GET", { apiVersion, kind, metadata: { name, namespace } }) as Promise<Kind>;
  }

  /** An object, or undefined when it, or its kind, does not exist. */
  async find<Kind extends KubeObject>(apiVersion: string, kind: string, name: string, namespace?: string): Promise<Kind | undefined> {
    return this.get<Kind>(apiVersion, kind, name, namespace).catch(notFound);
  }

  /** All objects of a kind; none when the API does not know the kind. */
  async list<Kind extends KubeObject>(
    apiVersion: string,
    kind: string,
    { namespace, selector }: ListOptions = {},
  ): Promise<readonly Kind[]> {
    const resource = await this.resource(apiVersion, kind).catch(notFound);
    if (!resource) return [];
    const scope = namespace === undefined ? "" : `/namespaces/${namespace}`;
    const query = selector === undefined ? "" : `?labelSelector=${encodeURIComponent(selector)}`;
    const { items } = (await this.call("GET", `${groupPath(apiVersion)}${scope}/${resource.name}${query}`)) as {
      readonly items?: readonly Kind[];
    };
    // The API leaves kind and version out of a list's items.
    return (items ?? []).map((item) => ({ ...item, apiVersion, kind }));
  }

  /** @throws {ApiError} when it exists, or is refused */
  create<Kind extends KubeObject>(object: Kind, query = ""): Promise<Kind> {
    return this.onCollection("POST", object, query) as Promise<Kind>;
  }

  /** Makes an object what it should be, whether or not it exists. */
  apply<Kind extends KubeObject>(object: Kind, fieldManager = "drydock"): Promise<Kind> {
    return this.onObject("PATCH", object, {
      body: object,
      contentType: "application/apply-patch+yaml",
      query: `?fieldManager=${fieldManager}&force=true`,
    }) as Promise<Kind>;
  }

  /** Changes some fields; null removes one. */
  merge(object: Pick<KubeObject, "apiVersion" | "kind" | "metadata">, change: object, subresource?: string): Promise<KubeObject> {
    return this.onObject("PATCH", object, { body: change, contentType: "application/merge-patch+json", subresource });
  }

  /** @throws {ApiError} when it does not exist, or is refused */
  replace<Kind extends KubeObject>(object: Kind, query = ""): Promise<Kind> {
    return this.onObject("PUT", object, { body: object, query }) as Promise<Kind>;
  }

  /** Asks for a deletion; finalizers may delay it. Content that is gone is fine. */
  async delete(object: Pick<KubeObject, "apiVersion" | "kind" | "metadata">, options: object = {}): Promise<void> {
    await this.onObject("DELETE", object, { body: { propagationPolicy: "Background", ...options } }).catch(notFound);
  }

  /** What the API warns of when a kind is read: that its version is deprecated, and when it goes. */
  async warnings(apiVersion: string, kind: string): Promise<readonly string[]> {
    const resource = await this.resource(apiVersion, kind).catch(notFound);
    if (!resource) return [];
    const { headers } = await this.exchange("GET", `${groupPath(apiVersion)}/${resource.name}?limit=1`);
    const [warning] = [headers["warning"]].flat();
    return [...(warning ?? "").matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) => text);
  }

  /** Every kind that can be listed, in the version the API prefers. */
  async listableKinds(): Promise<readonly ListedKind[]> {
    const groups = (await this.call("GET", "/apis")) as { groups: readonly { preferredVersion: { groupVersion: string } }[] };
    const versions = ["v1", ...groups.groups.map((group) => group.preferredVersion.groupVersion)];
    const kinds = await Promise.all(
      versions.map(async (apiVersion) => (await this.kindsOf(apiVersion).catch(() => [])).map((kind) => ({ ...kind, apiVersion }))),
    );
    return kinds.flat().filter(({ name, verbs }) => !name.includes("/") && verbs.includes("list"));
  }

  /**
   * Any request.
   * @throws {ApiError} with the API's own words
   */
  async call(method: string, path: string, options: RequestOptions = {}): Promise<unknown> {
    return (await this.exchange(method, path, options)).content;
  }

  private exchange(
    method: string,
    path: string,
    { body, contentType = "application/json" }: RequestOptions = {},
  ): Promise<{ readonly content: unknown; readonly headers: IncomingHttpHeaders }> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers: Record<string, string | string[]> = { accept: "application/json" };
    if ("token" in this.access.credentials) headers["authorization"] = `Bearer ${this.access.credentials.token}`;
    if (payload !== undefined) {
      headers["content-type"] = contentType;
      headers["content-length"] = String(Buffer.byteLength(payload));
    }
    if (this.impersonation) {
      headers["impersonate-user"] = this.impersonation.user;
      if (this.impersonation.groups.length > 0) headers["impersonate-group"] = [...this.impersonation.groups];
    }
    return new Promise((resolve, reject) => {
      const outgoing = request(`${this.access.endpoint}${path}`, { method, headers, agent: this.agent, timeout: TIMEOUT_MS }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const status = answer.statusCode ?? 0;
          if (status < 300) resolve({ content: text.startsWith("{") ? (JSON.parse(text) as unknown) : text, headers: answer.headers });
          else reject(new ApiError(status, messageOf(text) ?? `${method} ${path} answers ${status}`));
        });
        answer.on("error", reject);
      });
      outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
      outgoing.on("error", (error) => {
        reject(new ApiError(0, `${method} ${path}: ${error.message}`));
      });
      outgoing.end(payload);
    });
  }

  /** Ends idle connections. */
  close(): void {
    this.agent.destroy();
  }

  private async onObject(
    method: string,
    object: Pick<KubeObject, "apiVersion" | "kind"> & { readonly metadata: { readonly name: string; readonly namespace?: string } },
    { query = "", subresource, ...options }: RequestOptions & { readonly query?: string; readonly subresource?: string } = {},
  ): Promise<KubeObject> {
    const path = `${await this.collection(object)}/${object.metadata.name}${subresource === undefined ? "" : `/${subresource}`}${query}`;
    return this.call(method, path, options) as Promise<KubeObject>;
  }

  private async onCollection(method: string, object: KubeObject, query: string): Promise<KubeObject> {
    return this.call(method, `${await this.collection(object)}${query}`, { body: object }) as Promise<KubeObject>;
  }

  private async collection({
    apiVersion,
    kind,
    metadata: { namespace },
  }: Pick<KubeObject, "apiVersion" | "kind"> & { readonly metadata: { readonly namespace?: string } }): Promise<string> {
    const { name, namespaced } = await this.resource(apiVersion, kind);
    return `${groupPath(apiVersion)}${namespaced ? `/namespaces/${namespace ?? "default"}` : ""}/${name}`;
  }

  private async resource(apiVersion: string, kind: string): Promise<ResourceKind> {
    const known = this.kinds.get(apiVersion)?.find((each) => each.kind === kind);
    if (known) return known;
    const found = (await this.kindsOf(apiVersion)).find((each) => each.kind === kind && !each.name.includes("/"));
    if (!found) throw new ApiError(404, `the API has no ${describeObject({ kind, metadata: { name: apiVersion } })}`);
    return found;
  }

  private async kindsOf(apiVersion: string): Promise<readonly ResourceKind[]> {
    const { resources } = (await this.call("GET", groupPath(apiVersion))) as { readonly resources: readonly ResourceKind[] };
    this.kinds.set(
      apiVersion,
      resources.filter(({ name }) => !name.includes("/")),
    );
    return resources;
  }
}

/** What to list. */
export interface ListOptions {
  readonly namespace?: string;
  /** Label selector. */
  readonly selector?: string;
}

/** Turns "does not exist" into undefined; for `catch`. */
export function notFound(error: unknown): undefined {
  if (error instanceof ApiError && error.status === 404) return undefined;
  throw error;
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function messageOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { readonly message?: string }).message;
  } catch {
    return text === "" ? undefined : text.slice(0, 500);
  }
}
