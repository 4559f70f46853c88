import type { Construct } from "constructs";
import { z } from "zod";
import type { ReleaseDescription } from "../../config/release";
import { pinnedImages } from "../../config/versions";
import { VELERO } from "./namespaces";
import { PinnedRelease } from "./pinned-release";
import type { PlatformContext } from "./platform-context";
import { ON_SYSTEM_NODES, PRIORITY } from "./scheduling";

/** Seconds that Velero has for taking its Restores away. */
const WAIT_SECONDS = 300;

/**
 * Goes before Velero and takes its Restores along: each has a finalizer that only the running server removes, so a
 * colour that ever restored a backup could not be destroyed.
 */
export class RestoreGuard extends PinnedRelease {
  static readonly description: ReleaseDescription = {
    name: "restore-guard",
    chart: { local: "restore-guard" },
    namespace: VELERO,
    requires: ["velero"],
    options: z.strictObject({}),
    without: "The namespace of Velero never goes once a backup was restored, and with it the cluster.",
    look: ["kubectl -n velero get restores"],
  };

  constructor(scope: Construct, platform: PlatformContext) {
    super(scope, platform, {
      description: RestoreGuard.description,
      values: {
        image: pinnedImages.kubectlWithShell,
        waitSeconds: WAIT_SECONDS,
        priorityClassName: PRIORITY.standard,
        ...ON_SYSTEM_NODES,
      },
    });
  }
}

declare module "../../config/platform-declaration" {
  interface ReleaseOptions {
    readonly "restore-guard"?: boolean;
  }
}
