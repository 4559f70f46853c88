import { ebsCsiDriver } from "./ebs-csi-driver";
import type { ControllerIdentity } from "./identity";
import { vpcCni } from "./vpc-cni";

/** Controllers whose pods must find their identity when the add-on starts. Those of releases stand beside their release. */
export const ADDON_IDENTITIES: readonly ControllerIdentity[] = [vpcCni, ebsCsiDriver];
