import { describeObject, type KubeObject } from "./kube-objects";
import { ApiError, KubeTransport, type Impersonation, type KubeAccess, type RequestOptions } from "./kube-transport";

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

/**
 * A small client of a Kubernetes API: any kind, found by discovery. (The official client needs a newer Node than
 * Drydock does.)
 */
export class KubeClient {
  private constructor(
    private readonly transport: KubeTransport,
    private readonly impersonation: Impersonation | undefined,
    /** Known from discovery, by API version. */
    private readonly kinds: Map<string, readonly ResourceKind[]>,
  ) {}

  /** A client of an API. Nothing is sent before it is asked for something. */
  static of(access: KubeAccess): KubeClient {
    return new KubeClient(new KubeTransport(access), undefined, new Map());
  }

  /** The same API as someone else sees it, over the same connections. */
  as(user: string, groups: readonly string[] = []): KubeClient {
    return new KubeClient(this.transport, { user, groups }, this.kinds);
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
  async list<Kind extends KubeObject>(apiVersion: string, kind: string, options: ListOptions = {}): Promise<readonly Kind[]> {
    return (await this.snapshot<Kind>(apiVersion, kind, options))?.items ?? [];
  }

  /** All objects of a kind, and the moment that they were all so; undefined when the API does not know the kind. */
  async snapshot<Kind extends KubeObject>(
    apiVersion: string,
    kind: string,
    { namespace, selector }: ListOptions = {},
  ): Promise<Snapshot<Kind> | undefined> {
    const resource = await this.resource(apiVersion, kind).catch(notFound);
    if (!resource) return undefined;
    const scope = namespace === undefined ? "" : `/namespaces/${namespace}`;
    const query = selector === undefined ? "" : `?labelSelector=${encodeURIComponent(selector)}`;
    const { items, metadata } = (await this.call("GET", `${groupPath(apiVersion)}${scope}/${resource.name}${query}`)) as {
      readonly items?: readonly Kind[];
      readonly metadata: { readonly resourceVersion: string };
    };
    // The API leaves kind and version out of a list's items.
    return { items: (items ?? []).map((item) => ({ ...item, apiVersion, kind })), resourceVersion: metadata.resourceVersion };
  }

  /**
   * Tells of every change to the objects of a kind from the moment of a snapshot on.
   * @param onEnd called once, when no more changes come, for whatever reason
   * @returns ends the watch
   */
  async watch(
    { apiVersion, kind, resourceVersion }: { readonly apiVersion: string; readonly kind: string; readonly resourceVersion: string },
    onChange: (change: WatchEvent) => void,
    onEnd: () => void,
  ): Promise<() => void> {
    const { name } = await this.resource(apiVersion, kind);
    const path = `${groupPath(apiVersion)}/${name}?watch=true&resourceVersion=${resourceVersion}`;
    return this.transport.stream(
      path,
      this.impersonation,
      (line) => {
        onChange(JSON.parse(line) as WatchEvent);
      },
      onEnd,
    );
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
    const { headers } = await this.transport.exchange("GET", `${groupPath(apiVersion)}/${resource.name}?limit=1`, {}, this.impersonation);
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
    return (await this.transport.exchange(method, path, options, this.impersonation)).content;
  }

  /** Ends idle connections. */
  close(): void {
    this.transport.close();
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

/** Objects of a kind at one moment. */
export interface Snapshot<Kind extends KubeObject> {
  readonly items: readonly Kind[];
  /** The moment, as the API counts. */
  readonly resourceVersion: string;
}

/** A change that a watch tells of. */
export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: KubeObject;
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
