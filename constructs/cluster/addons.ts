import { Construct } from "constructs";
import type { ITerraformDependable } from "cdktf";
import { EksAddon } from "@cdktf/provider-aws/lib/eks-addon";
import type { AddonName, MinorVersions } from "../../config/versions";
import { transformed, type EksTransforms } from "../../config/transforms";
import { GROUP_LABEL, SYSTEM_TAINT } from "./node-groups";

/** Without these no node becomes ready, so they exist before the first one. */
export const NODE_ADDONS = ["vpc-cni", "eks-pod-identity-agent", "kube-proxy"] as const satisfies readonly AddonName[];

/** These run on nodes, so they come after them. */
export const CLUSTER_ADDONS = ["coredns", "aws-ebs-csi-driver"] as const satisfies readonly AddonName[];

const ON_SYSTEM_NODES = {
  nodeSelector: { [GROUP_LABEL]: "system" },
  tolerations: [{ key: SYSTEM_TAINT.key, operator: "Exists" }],
};

/** Configuration by add-on; keys are those of the add-on's own schema (`aws eks describe-addon-configuration`). */
const CONFIGURATION: Readonly<Partial<Record<AddonName, object>>> = {
  "vpc-cni": { enableNetworkPolicy: "true" },
  coredns: ON_SYSTEM_NODES,
  "aws-ebs-csi-driver": { controller: ON_SYSTEM_NODES },
};

/** Options of {@link Addons}. */
export interface AddonsProps {
  readonly clusterName: string;
  readonly names: readonly AddonName[];
  readonly versions: MinorVersions;
  readonly after: readonly ITerraformDependable[];
  readonly transforms: EksTransforms | undefined;
}

/** EKS add-ons at the versions pinned for the cluster's minor. */
export class Addons extends Construct {
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { clusterName, names, versions, after, transforms }: AddonsProps) {
    super(scope, id);
    this.ready = names.map((addonName) => {
      const configuration = CONFIGURATION[addonName];
      return new EksAddon(
        this,
        addonName,
        transformed(
          transforms?.addon,
          {
            clusterName,
            addonName,
            addonVersion: versions.addons[addonName],
            // What someone edited by hand goes back to what is declared.
            resolveConflictsOnCreate: "OVERWRITE",
            resolveConflictsOnUpdate: "OVERWRITE",
            ...(configuration ? { configurationValues: JSON.stringify(configuration) } : {}),
            dependsOn: [...after],
          },
          addonName,
        ),
      );
    });
  }
}
