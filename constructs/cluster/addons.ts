import { Construct } from "constructs";
import type { ITerraformDependable } from "cdktf";
import { EksAddon } from "@cdktf/provider-aws/lib/eks-addon";
import type { AddonName, MinorVersions } from "../../config/versions";
import { transformed, type EksTransforms } from "../../config/transforms";
import { ON_SYSTEM_NODES } from "./node-groups";

/** Without these no node becomes ready, so they exist before the first one. */
export const NODE_ADDONS = ["vpc-cni", "eks-pod-identity-agent", "kube-proxy"] as const satisfies readonly AddonName[];

/** These run on nodes, so they come after them. */
export const CLUSTER_ADDONS = ["coredns", "aws-ebs-csi-driver"] as const satisfies readonly AddonName[];

/** Configuration by add-on; keys are those of the add-on's own schema (`aws eks describe-addon-configuration`). */
function configuration(name: AddonName, { region, interfaces }: Pick<AddonsProps, "region" | "interfaces">): object | undefined {
  switch (name) {
    case "vpc-cni":
      return { enableNetworkPolicy: "true" };
    case "coredns":
      return ON_SYSTEM_NODES;
    case "aws-ebs-csi-driver":
      return {
        controller: { ...ON_SYSTEM_NODES, region },
        // Pods cannot ask the node how many interfaces share its attachment slots, so the most possible, and the root disk, are set aside.
        node: { reservedVolumeAttachments: interfaces },
      };
    default:
      return undefined;
  }
}

/** Options of {@link Addons}. */
export interface AddonsProps {
  readonly clusterName: string;
  readonly region: string;
  /** The most network interfaces that a node can have: on most types they share slots with volumes. */
  readonly interfaces: number;
  readonly names: readonly AddonName[];
  readonly versions: MinorVersions;
  readonly after: readonly ITerraformDependable[];
  readonly transforms: EksTransforms | undefined;
}

/** EKS add-ons at the versions pinned for the cluster's minor. */
export class Addons extends Construct {
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { clusterName, region, interfaces, names, versions, after, transforms }: AddonsProps) {
    super(scope, id);
    this.ready = names.map((addonName) => {
      const values = configuration(addonName, { region, interfaces });
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
            ...(values ? { configurationValues: JSON.stringify(values) } : {}),
            dependsOn: [...after],
          },
          addonName,
        ),
      );
    });
  }
}
