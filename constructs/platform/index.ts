import type { ReleaseDescription } from "../../config/release";
import { AdmissionPolicy } from "./admission-policy";
import { AlloyEvents } from "./alloy-events";
import { AlloyLogs } from "./alloy-logs";
import { CertManager } from "./cert-manager";
import { ClusterAutoscaler } from "./cluster-autoscaler";
import { Descheduler } from "./descheduler";
import { ExternalDns } from "./external-dns";
import { ExternalSecrets } from "./external-secrets";
import { KubePrometheusStack } from "./kube-prometheus-stack";
import { LoadBalancerController } from "./load-balancer-controller";
import { Loki } from "./loki";
import { MetricsServer } from "./metrics-server";
import type { ReleaseClass } from "./pinned-release";
import { PlatformClasses } from "./platform-classes";
import { PlatformMonitoring } from "./platform-monitoring";
import { RestoreGuard } from "./restore-guard";
import { Traefik } from "./traefik";
import { TraefikBinding } from "./traefik-binding";
import { Velero } from "./velero";
import { VolumeGuard } from "./volume-guard";

/** Every release that Drydock has. Their requirements decide the order; this list only breaks ties. */
export const RELEASES: readonly ReleaseClass[] = [
  PlatformClasses,
  VolumeGuard,
  AdmissionPolicy,
  KubePrometheusStack,
  PlatformMonitoring,
  LoadBalancerController,
  MetricsServer,
  Loki,
  AlloyLogs,
  AlloyEvents,
  Traefik,
  TraefikBinding,
  ClusterAutoscaler,
  Velero,
  RestoreGuard,
  ExternalDns,
  CertManager,
  ExternalSecrets,
  Descheduler,
];

/** What is known of each release before any construct exists. */
export const RELEASE_DESCRIPTIONS: readonly ReleaseDescription[] = RELEASES.map(({ description }) => description);
