import { alertmanager } from "./alertmanager";
import { clusterAutoscaler } from "./cluster-autoscaler";
import { ebsCsiDriver } from "./ebs-csi-driver";
import type { ControllerIdentity } from "./identity";
import { loadBalancerController } from "./load-balancer-controller";
import { loki } from "./loki";
import { velero } from "./velero";
import { vpcCni } from "./vpc-cni";

/** Controllers whose pods must find their identity when the add-on starts. */
export const ADDON_IDENTITIES: readonly ControllerIdentity[] = [vpcCni, ebsCsiDriver];

/** Controllers that the platform installs. */
export const PLATFORM_IDENTITIES: readonly ControllerIdentity[] = [loadBalancerController, clusterAutoscaler, loki, velero, alertmanager];
