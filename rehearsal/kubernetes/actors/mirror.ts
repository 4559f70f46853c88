import { notFound, type KubeClient, type WatchEvent } from "../kube-client";
import type { KubeObject } from "../kube-objects";

/** How long a kind that the API does not know is not asked for again, in milliseconds. */
const UNKNOWN_MS = 1000;

/**
 * The objects of some kinds, kept up to date by watches as controllers do: actors that asked the API again and again
 * would keep it busy with little else.
 */
export class Mirror {
  private readonly kinds = new Map<string, MirroredKind>();

  constructor(private readonly client: KubeClient) {}

  /** All objects of a kind, as the API told of them last; none when it does not know the kind. */
  async list<Kind extends KubeObject>(apiVersion: string, kind: string): Promise<readonly Kind[]> {
    const key = `${apiVersion} ${kind}`;
    const mirrored = this.kinds.get(key) ?? new MirroredKind(this.client, apiVersion, kind);
    this.kinds.set(key, mirrored);
    return (await mirrored.current()) as readonly Kind[];
  }

  /** Ends every watch. */
  stop(): void {
    for (const kind of this.kinds.values()) kind.stop();
  }
}

class MirroredKind {
  private readonly objects = new Map<string, KubeObject>();
  /** Ends the watch; undefined while there is none. */
  private end: (() => void) | undefined;
  private beginning: Promise<void> | undefined;
  private unknownUntil = 0;
  private stopped = false;

  constructor(
    private readonly client: KubeClient,
    private readonly apiVersion: string,
    private readonly kind: string,
  ) {}

  async current(): Promise<readonly KubeObject[]> {
    if (this.end === undefined && Date.now() > this.unknownUntil && !this.stopped)
      await (this.beginning ??= this.begin().finally(() => {
        this.beginning = undefined;
      }));
    return [...this.objects.values()];
  }

  stop(): void {
    this.stopped = true;
    this.end?.();
  }

  private async begin(): Promise<void> {
    const { client, apiVersion, kind } = this;
    this.objects.clear();
    // A definition may go while its kind is still known from discovery.
    const snapshot = await client.snapshot(apiVersion, kind).catch(notFound);
    if (!snapshot) {
      this.unknownUntil = Date.now() + UNKNOWN_MS;
      return;
    }
    for (const object of snapshot.items) this.objects.set(keyOf(object), object);
    const watch = { over: false };
    const end = await client.watch(
      { apiVersion, kind, resourceVersion: snapshot.resourceVersion },
      (change) => {
        this.take(change);
      },
      // Whoever asks next begins anew.
      () => {
        watch.over = true;
        this.end = undefined;
      },
    );
    if (this.stopped) end();
    else if (!watch.over) this.end = end;
  }

  private take({ type, object }: WatchEvent): void {
    if (type === "ADDED" || type === "MODIFIED") this.objects.set(keyOf(object), object);
    else if (type === "DELETED") this.objects.delete(keyOf(object));
    // The API no longer has the changes since the snapshot.
    else if (type === "ERROR") this.end?.();
  }
}

function keyOf({ metadata: { namespace = "", name } }: KubeObject): string {
  return `${namespace}/${name}`;
}
