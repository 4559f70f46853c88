import type { Construct } from "constructs";
import { z } from "zod";
import type { ReleaseDescription } from "../../config/release";
import { pinnedImages } from "../../config/versions";
import { PLATFORM } from "./namespaces";
import { PinnedRelease } from "./pinned-release";
import type { PlatformContext } from "./platform-context";
import { ON_SYSTEM_NODES, PRIORITY } from "./scheduling";

/** Options of {@link VolumeGuard}. */
export interface VolumeGuardProps {
  /**
   * Minutes that its removal waits for volumes to be gone before it fails, so that someone looks.
   * @default 9
   */
  readonly waitMinutes?: number;
}

/**
 * First in, last out: does nothing until it is removed, and is then gone only when the volumes of the platform's claims
 * are. Without it the cluster could be destroyed while the storage driver still has volumes to delete.
 */
export class VolumeGuard extends PinnedRelease {
  static readonly description: ReleaseDescription = {
    name: "volume-guard",
    chart: { local: "volume-guard" },
    namespace: PLATFORM,
    requires: ["platform-classes"],
    options: z.strictObject({ waitMinutes: z.int().min(1).max(60).optional() }),
    without: "A destroyed cluster can leave EBS volumes of Prometheus, Alertmanager and Loki in the account.",
    look: ["kubectl -n platform get serviceaccount volume-guard", "kubectl get pv"],
  };

  constructor(scope: Construct, platform: PlatformContext, { waitMinutes = 9 }: VolumeGuardProps) {
    super(scope, platform, {
      description: VolumeGuard.description,
      // Helm waits for the hook as long as for anything else, and a little longer than the hook itself.
      timeoutMinutes: waitMinutes + 1,
      values: {
        image: pinnedImages.kubectlWithShell,
        namespaces: platform.namespaceNames,
        waitSeconds: waitMinutes * 60,
        priorityClassName: PRIORITY.standard,
        ...ON_SYSTEM_NODES,
      },
    });
  }
}

declare module "../../config/platform-declaration" {
  interface ReleaseOptions {
    readonly "volume-guard"?: boolean | VolumeGuardProps;
  }
}
