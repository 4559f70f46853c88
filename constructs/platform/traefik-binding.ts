import type { Construct } from "constructs";
import { z } from "zod";
import type { ReleaseDescription } from "../../config/release";
import { TRAEFIK } from "./namespaces";
import { PinnedRelease } from "./pinned-release";
import type { PlatformContext } from "./platform-context";
import { TRAEFIK_SERVICE_PORT } from "./traefik";

/**
 * Binds Traefik's pods to the colour's target group. A release of its own, so that it goes before the controller that
 * must take the pods out again.
 */
export class TraefikBinding extends PinnedRelease {
  static readonly description: ReleaseDescription = {
    name: "traefik-binding",
    chart: { local: "target-group-binding" },
    namespace: TRAEFIK,
    requires: ["aws-load-balancer-controller", "traefik"],
    options: z.strictObject({}),
    without: "The load balancer does not know Traefik's pods and answers 503.",
    look: ["kubectl -n traefik describe targetgroupbinding traefik"],
  };

  constructor(scope: Construct, platform: PlatformContext) {
    const { targetGroupArn, vpcId } = platform.facts;
    super(scope, platform, {
      description: TraefikBinding.description,
      values: { name: "traefik", targetGroupArn, vpcId, service: { name: "traefik", port: TRAEFIK_SERVICE_PORT } },
    });
  }
}

declare module "../../config/platform-declaration" {
  interface ReleaseOptions {
    readonly "traefik-binding"?: boolean;
  }
}
