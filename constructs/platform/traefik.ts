import type { Construct } from "constructs";
import { z } from "zod";
import type { ValuesOf } from "../../config/key-tree";
import type { ReleaseDescription } from "../../config/release";
import { imageParts, pinnedImages } from "../../config/versions";
import chart from "../../facts/charts/traefik.json";
import { INGRESS_PORTS } from "../traffic/load-balancer";
import { TRAEFIK } from "./namespaces";
import { PinnedRelease } from "./pinned-release";
import type { PlatformContext } from "./platform-context";
import { ON_SYSTEM_NODES, PRIORITY, resources, spread } from "./scheduling";

/** Options of {@link Traefik}. */
export interface TraefikProps {
  /**
   * Pods. Two keep requests flowing while a node is replaced.
   * @default 2
   */
  readonly replicas?: number;
  /**
   * Whether every request is written to the log.
   * @default false
   */
  readonly accessLog?: boolean;
  /**
   * How long the whole of one request may take to arrive, body included, in seconds; 0 for any time. Longer lets large
   * uploads through slow lines, and lets slow clients hold connections open.
   * @default 60
   */
  readonly readTimeoutSeconds?: number;
}

/** Port of its Service; the TargetGroupBinding refers to it. */
export const TRAEFIK_SERVICE_PORT = 80;

/**
 * How a pod leaves without losing a request, in seconds: it stays until the load balancer has stopped sending (deregistration
 * takes up to 30), then refuses new ones, then ends what is open.
 */
const LEAVING = { waitBeforeSignal: 25, acceptMore: 10, finishOpen: 20, killAfter: 60 };

/** Longer than the load balancer keeps an idle connection (60 s): otherwise it sends into one that is being closed. */
const IDLE_SECONDS = 90;

/**
 * The ingress controller, behind the load balancer that Terraform owns: it has no load balancer of its own, so a switch
 * between colours is a weight and a destroyed cluster leaves nothing behind.
 *
 * @see https://doc.traefik.io/traefik/
 */
export class Traefik extends PinnedRelease<ValuesOf<typeof chart.keys>> {
  static readonly description: ReleaseDescription = {
    name: "traefik",
    chart: { locked: "traefik" },
    namespace: TRAEFIK,
    requires: ["platform-classes", "kube-prometheus-stack", "aws-load-balancer-controller"],
    options: z.strictObject({
      replicas: z.int().min(1).max(20).optional(),
      accessLog: z.boolean().optional(),
      readTimeoutSeconds: z.int().min(0).max(86_400).optional(),
    }),
    without: "No Ingress is served: the load balancer answers 503.",
    look: ["kubectl -n traefik get pods,svc", "kubectl get ingress -A"],
  };

  constructor(scope: Construct, platform: PlatformContext, { replicas = 2, accessLog = false, readTimeoutSeconds = 60 }: TraefikProps) {
    const { facts } = platform;
    super(scope, platform, {
      description: Traefik.description,
      keys: chart.keys,
      values: {
        ...ON_SYSTEM_NODES,
        // Ahead of the chart: see versions.json.
        image: { tag: imageParts(pinnedImages.traefik).tag },
        priorityClassName: PRIORITY.critical,
        resources: resources("100m", "96Mi", "256Mi"),
        topologySpreadConstraints: [...spread({ "app.kubernetes.io/name": "traefik" })],
        podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
        deployment: {
          replicas,
          terminationGracePeriodSeconds: LEAVING.killAfter,
          lifecycle: { preStop: { sleep: { seconds: LEAVING.waitBeforeSignal } } },
        },
        service: { spec: { type: "ClusterIP" } },
        ports: {
          web: {
            port: INGRESS_PORTS.requests,
            exposedPort: TRAEFIK_SERVICE_PORT,
            // The load balancer says who really asked; nobody else is believed.
            forwardedHeaders: { trustedIPs: [...facts.loadBalancerCidrs] },
            transport: {
              lifeCycle: { requestAcceptGraceTimeout: LEAVING.acceptMore, graceTimeOut: LEAVING.finishOpen },
              respondingTimeouts: { idleTimeout: IDLE_SECONDS, readTimeout: readTimeoutSeconds },
            },
          },
          // The load balancer ends TLS.
          websecure: { expose: { default: false } },
          traefik: { port: INGRESS_PORTS.health },
        },
        ingressClass: { enabled: true, isDefaultClass: true, name: "traefik" },
        providers: {
          kubernetesIngress: {
            publishedService: { enabled: false },
            ingressEndpoint: { hostname: facts.loadBalancerDnsName },
          },
          kubernetesGateway: { enabled: false },
        },
        gateway: { enabled: false },
        gatewayClass: { enabled: false },
        api: { dashboard: false },
        ingressRoute: { dashboard: { enabled: false } },
        global: { checkNewVersion: false, sendAnonymousUsage: false },
        accessLog: { enabled: accessLog },
        metrics: { prometheus: { service: { enabled: true }, serviceMonitor: { enabled: true } } },
      },
    });
  }
}

declare module "../../config/platform-declaration" {
  interface ReleaseOptions {
    readonly traefik?: boolean | TraefikProps;
  }
}
