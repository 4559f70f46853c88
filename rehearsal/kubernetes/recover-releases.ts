import { CommandError } from "../../config/command-error";
import { HelmError, type Helm } from "./helm";
import type { KubeObject } from "./kube-objects";
import type { RunningCluster } from "./local-clusters";
import { FINISHED, revisionsIn } from "./release-status";

/** A release whose last revision was never finished. */
export interface RecoveredRelease {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  /** Status that it was stuck in, such as `pending-upgrade`. */
  readonly was: string;
  /** Revision that it is back at; undefined when there was none before, and what was made of it is gone. */
  readonly revision: number | undefined;
}

const PENDING = /^pending-/;

/** Whoever deploys may change what a platform made; hands may not. */
const RECOVERER = { user: "drydock:recover", groups: ["drydock:deploy", "system:masters"] };

/**
 * Mends the releases of a cluster whose Helm was killed, as that Helm would have done itself, had it failed: the release
 * goes back to its last finished revision, and goes altogether when there is none. Only forgetting the unfinished
 * revision would leave what it set for ever: Helm takes away only what it knows to be its own.
 *
 * @throws {CommandError} with Helm's words when it cannot
 */
export async function recoverReleases(helm: Helm, { name: cluster, api }: RunningCluster): Promise<readonly RecoveredRelease[]> {
  const secrets = await api.client.list("v1", "Secret", { selector: "owner=helm" });
  const releases = new Map<string, KubeObject[]>();
  for (const secret of secrets) {
    const path = `${secret.metadata.namespace ?? ""}/${secret.metadata.labels?.["name"] ?? ""}`;
    releases.set(path, [...(releases.get(path) ?? []), secret]);
  }
  const recovered: RecoveredRelease[] = [];
  for (const [path, kept] of releases) {
    const [namespace = "", name = ""] = path.split("/");
    const revisions = revisionsIn(kept);
    const was = revisions.at(-1)?.status ?? "";
    if (!PENDING.test(was)) continue;
    const revision = revisions.filter(({ status }) => FINISHED.includes(status)).at(-1)?.number;
    const access = { kubeconfig: api.kubeconfig, as: RECOVERER };
    try {
      await (revision === undefined ? helm.uninstall({ name, namespace }, access) : helm.rollback({ name, namespace }, revision, access));
    } catch (error) {
      if (!(error instanceof HelmError)) throw error;
      throw new CommandError(`The release ${path} of ${cluster} is ${was}, and Helm cannot mend it: ${error.message}`, 1);
    }
    recovered.push({ cluster, namespace, name, was, revision });
  }
  return recovered;
}
