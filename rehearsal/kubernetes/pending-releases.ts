import type { KubeClient } from "./kube-client";
import { reasonsNow } from "./not-ready";
import { FINISHED } from "./release-status";

/** How often releases are looked at, in milliseconds. */
const LOOK_MS = 1000;

/** Selects revisions that some Helm is at work on. */
const PENDING = "owner=helm,status in (pending-install,pending-upgrade,pending-rollback)";

/** A release that did not become ready, and why. */
export interface FailedRelease {
  readonly release: string;
  /** What was not ready when it was looked at last. */
  readonly reasons: readonly string[];
}

interface WatchedRevision extends FailedRelease {
  readonly namespace: string;
  /** Secret in which Helm keeps the revision. */
  readonly secret: string;
}

/**
 * Watches what the Helm of a published provider waits for. It says only that its time is over, and a release that is
 * rolled back takes its pods along.
 */
export class PendingReleases {
  private readonly watched = new Map<string, WatchedRevision>();
  private readonly timer: NodeJS.Timeout;
  private looking: Promise<void> = Promise.resolve();

  private constructor(private readonly client: KubeClient) {
    this.timer = setInterval(() => {
      this.looking = this.looking
        .then(() => this.look())
        // The API is not there yet, or gone; the provider says so itself.
        .catch(() => undefined);
    }, LOOK_MS).unref();
  }

  static watch(client: KubeClient): PendingReleases {
    return new PendingReleases(client);
  }

  /** Releases that were given up since this was asked last, and what they lacked. */
  async takeFailed(): Promise<readonly FailedRelease[]> {
    await this.looking;
    const failed: FailedRelease[] = [];
    for (const [key, { release, reasons, namespace, secret }] of this.watched) {
      // An API that is gone brought nothing to its end.
      const revision = await this.client.find("v1", "Secret", secret, namespace).catch(() => undefined);
      if (!FINISHED.includes(revision?.metadata.labels?.["status"] ?? "")) failed.push({ release, reasons });
      this.watched.delete(key);
    }
    return failed;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    for (const { metadata } of await this.client.list("v1", "Secret", { selector: PENDING })) {
      const { name: secret, namespace = "", labels = {} } = metadata;
      const release = labels["name"] ?? "";
      const reasons = await reasonsNow(this.client, namespace, release);
      if (reasons.length > 0) this.watched.set(`${namespace}/${secret}`, { release, reasons, namespace, secret });
    }
  }
}
