import { z } from "zod";
import versionsFile from "../versions.json";

/** EKS add-ons that every cluster has. */
export const ADDONS = ["vpc-cni", "eks-pod-identity-agent", "kube-proxy", "coredns", "aws-ebs-csi-driver"] as const;

/** An EKS add-on that every cluster has. */
export type AddonName = (typeof ADDONS)[number];

const minorSchema = z.strictObject({
  endOfStandardSupport: z.iso.date(),
  nodeRelease: z.strictObject({ al2023: z.string(), bottlerocket: z.string().optional() }),
  addons: z.strictObject(
    Object.fromEntries(ADDONS.map((name) => [name, z.string().regex(/^v\d+\.\d+\.\d+-eksbuild\.\d+$/)])) as Record<AddonName, z.ZodString>,
  ),
  clusterAutoscaler: z.string().regex(/^v\d+\.\d+\.\d+$/),
});

const schema = z.strictObject({ $schema: z.string(), date: z.iso.date(), source: z.string(), minors: z.record(z.string(), minorSchema) });

/** What `versions.json` pins for one Kubernetes minor. */
export type MinorVersions = z.infer<typeof minorSchema>;

/** The pinned versions by Kubernetes minor, as `versions.json` holds them. */
export const pinnedVersions: Readonly<Record<string, MinorVersions>> = schema.parse(versionsFile).minors;
