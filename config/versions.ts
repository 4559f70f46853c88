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

const image = z.string().regex(/^[\w.-]+\/[\w./-]+:v?\d+\.\d+\.\d+$/);

const schema = z.strictObject({
  $schema: z.string(),
  date: z.iso.date(),
  source: z.string(),
  /** Images that charts would otherwise take at a moving tag, or that are ours to choose. */
  images: z.strictObject({ busybox: image, kubectl: image, kubectlWithShell: image, traefik: image, veleroPluginForAws: image }),
  minors: z.record(z.string(), minorSchema),
});

const file = schema.parse(versionsFile);

/** What `versions.json` pins for one Kubernetes minor. */
export type MinorVersions = z.infer<typeof minorSchema>;

/** The pinned versions by Kubernetes minor, as `versions.json` holds them. */
export const pinnedVersions: Readonly<Record<string, MinorVersions>> = file.minors;

/** The pinned images that no chart's version pins. */
export const pinnedImages = file.images;

/** An image by the parts that charts ask for. */
export interface ImageParts {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
}

/** Takes an image such as `registry.k8s.io/kubectl:v1.36.0` apart. */
export function imageParts(reference: string): ImageParts {
  const [, registry = "", repository = "", tag = ""] = /^([^/]+)\/(.+):([^:]+)$/.exec(reference) ?? [];
  return { registry, repository, tag };
}
