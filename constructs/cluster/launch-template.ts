import type { LaunchTemplateBlockDeviceMappings, LaunchTemplateConfig } from "@cdktf/provider-aws/lib/launch-template";

/** What a node group's launch template needs to know. */
export interface LaunchTemplateOptions {
  readonly name: string;
  readonly image: "al2023" | "bottlerocket";
  readonly diskGiB: number;
  readonly volumesKeyArn: string;
  /** Tags of instances and volumes: the provider's default tags stop at the template itself. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Encrypted gp3 disks, IMDSv2 that pods cannot reach, no SSH key. EKS adds image and bootstrap. */
export function launchTemplateConfig({ name, image, diskGiB, volumesKeyArn, tags }: LaunchTemplateOptions): LaunchTemplateConfig {
  const disk = (deviceName: string, volumeSize: number): LaunchTemplateBlockDeviceMappings => ({
    deviceName,
    ebs: { volumeType: "gp3", volumeSize, encrypted: "true", kmsKeyId: volumesKeyArn, deleteOnTermination: "true" },
  });
  return {
    name,
    updateDefaultVersion: true,
    // Bottlerocket keeps itself on the first disk and everything else on the second.
    blockDeviceMappings: image === "al2023" ? [disk("/dev/xvda", diskGiB)] : [disk("/dev/xvda", 4), disk("/dev/xvdb", diskGiB)],
    // One hop ends at the node: a pod cannot fetch the node's credentials, and gets region and VPC as values instead.
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({ resourceType, tags: { ...tags, Name: name } })),
  };
}
