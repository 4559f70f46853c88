import type { Construct } from "constructs";
import { z } from "zod";
import type { ReleaseDescription } from "../../config/release";
import { PLATFORM } from "./namespaces";
import { PinnedRelease } from "./pinned-release";
import type { PlatformContext } from "./platform-context";
import { PRIORITY } from "./scheduling";

/** Name of the default storage class. */
export const STORAGE_CLASS = "gp3";

/** Priority of what the cluster cannot do without: above every workload, below Kubernetes' own two billion. */
const CRITICAL_PRIORITY = 1_000_000_000;

/** Priority of the rest of the platform. */
const STANDARD_PRIORITY = 900_000_000;

/** Options of {@link PlatformClasses}. */
export interface PlatformClassesProps {
  /**
   * What becomes of a volume whose claim is deleted. `Retain` keeps it in AWS, where it costs until someone deletes it.
   * @default "Delete"
   */
  readonly reclaimPolicy?: "Delete" | "Retain";
}

/** The default storage class (encrypted gp3 under the cluster's key) and the platform's priority classes. */
export class PlatformClasses extends PinnedRelease {
  static readonly description: ReleaseDescription = {
    name: "platform-classes",
    chart: { local: "platform-classes" },
    namespace: PLATFORM,
    requires: [],
    options: z.strictObject({ reclaimPolicy: z.enum(["Delete", "Retain"]).optional() }),
    without: "Claims stay Pending, and a workload can push the autoscaler or the ingress controller off its node.",
    look: ["kubectl get storageclass,priorityclass"],
  };

  constructor(scope: Construct, platform: PlatformContext, { reclaimPolicy = "Delete" }: PlatformClassesProps) {
    super(scope, platform, {
      description: PlatformClasses.description,
      // Everything else goes before it, so one refusal keeps the whole platform of a protected cluster.
      protect: platform.colour.protect,
      values: {
        storageClass: { name: STORAGE_CLASS, kmsKeyId: platform.facts.volumesKeyArn, reclaimPolicy },
        priorityClasses: { [PRIORITY.critical]: CRITICAL_PRIORITY, [PRIORITY.standard]: STANDARD_PRIORITY },
      },
    });
  }
}

declare module "../../config/platform-declaration" {
  interface ReleaseOptions {
    readonly "platform-classes"?: PlatformClassesProps;
  }
}
