import type { Construct } from "constructs";
import { z } from "zod";
import type { ReleaseDescription } from "../../config/release";
import { PLATFORM } from "./namespaces";
import { PinnedRelease } from "./pinned-release";
import type { PlatformContext } from "./platform-context";

/** Options of {@link AdmissionPolicy}. */
export interface AdmissionPolicyProps {
  /**
   * `deny` refuses what hands do to the platform, `warn` lets it pass with a warning and a line in the audit log.
   * @default "deny" where a role may deploy, "warn" where admins deploy by hand because there is none
   */
  readonly mode?: "deny" | "warn";
}

/**
 * Guards what the platform made against hands: objects in its namespaces, the namespaces themselves, and the Secrets
 * that Helm keeps releases in. Controllers, EKS and whoever deploys pass; break-glass passes and leaves an annotation in
 * the audit log.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export class AdmissionPolicy extends PinnedRelease {
  static readonly description: ReleaseDescription = {
    name: "admission-policy",
    chart: { local: "admission-policy" },
    namespace: PLATFORM,
    requires: ["platform-classes"],
    options: z.strictObject({ mode: z.enum(["deny", "warn"]).optional() }),
    without: "Someone edits a release by hand, and the next deploy takes it back, or does not.",
    look: ["kubectl get validatingadmissionpolicy,validatingadmissionpolicybinding"],
  };

  constructor(scope: Construct, platform: PlatformContext, options: AdmissionPolicyProps) {
    const mode = options.mode ?? (platform.hasDeployers ? "deny" : "warn");
    super(scope, platform, {
      description: AdmissionPolicy.description,
      values: {
        namespaces: platform.namespaceNames,
        // Charts name a workload after its release.
        scalable: platform.releaseNames,
        groups: { deploy: "drydock:deploy", breakGlass: "drydock:break-glass" },
        actions: mode === "deny" ? ["Deny", "Audit"] : ["Warn", "Audit"],
      },
    });
  }
}

declare module "../../config/platform-declaration" {
  interface ReleaseOptions {
    readonly "admission-policy"?: boolean | AdmissionPolicyProps;
  }
}
