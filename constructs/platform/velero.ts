import type { Construct } from "constructs";
import { z } from "zod";
import { COLOURS, type BackupSchedule, type ColourName } from "../../config/fleet";
import type { ValuesOf } from "../../config/key-tree";
import type { ReleaseDescription } from "../../config/release";
import { imageParts, pinnedImages } from "../../config/versions";
import chart from "../../facts/charts/velero.json";
import type { ControllerIdentity } from "../cluster/identities/identity";
import { VELERO } from "./namespaces";
import { PinnedRelease } from "./pinned-release";
import type { PlatformContext } from "./platform-context";
import { ON_SYSTEM_NODES, PRIORITY, resources, RESTRICTED_CONTAINER, RESTRICTED_POD } from "./scheduling";

/** Options of {@link Velero}. */
export interface VeleroProps {
  /**
   * Namespaces that no backup holds, besides the platform's own, which Terraform brings back.
   * @default []
   */
  readonly excludeNamespaces?: readonly string[];
}

const NAME = "velero";

/** User of Velero's images. */
const VELERO_USER = 65532;

/**
 * Backups of the workloads' objects and volumes, on the declared schedules. Each colour writes under its own prefix and
 * may read the other's, so that a new colour restores what the old one saved. Volumes are saved as EBS snapshots.
 *
 * @see https://velero.io/docs/
 */
export class Velero extends PinnedRelease<ValuesOf<typeof chart.keys>> {
  static readonly description: ReleaseDescription = {
    name: NAME,
    chart: { locked: NAME },
    namespace: VELERO,
    requires: ["platform-classes", "kube-prometheus-stack"],
    options: z.strictObject({ excludeNamespaces: z.array(z.string().regex(/^[a-z0-9-]+$/, "is not a namespace's name")).optional() }),
    without: "Nothing of what runs on the cluster can be restored, here or on the other colour.",
    look: ["kubectl -n velero get schedules,backups,backupstoragelocations", "velero backup describe <name> --details"],
  };

  static readonly identities: readonly ControllerIdentity[] = [
    {
      controller: NAME,
      namespace: VELERO.name,
      serviceAccount: NAME,
      // https://github.com/vmware-tanzu/velero-plugin-for-aws#set-permissions-for-velero
      statements: ({ partition, region, account, colour, backups, volumesKeyArn }) => [
        { actions: ["s3:ListBucket"], on: [backups.bucketArn] },
        { actions: ["s3:GetObject"], on: [`${backups.bucketArn}/*`] },
        {
          actions: ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
          on: [`${backups.bucketArn}/${colour}/*`],
        },
        // A restore writes its log and results beside the backup, also where the location is read-only (velero issue 6753),
        // and takes them away when it is deleted.
        {
          actions: ["s3:PutObject", "s3:DeleteObject"],
          on: COLOURS.filter((other) => other !== colour).map((other) => `${backups.bucketArn}/${other}/restores/*`),
        },
        { actions: ["kms:Decrypt", "kms:GenerateDataKey"], on: [backups.keyArn] },
        { actions: ["ec2:DescribeVolumes", "ec2:DescribeSnapshots"], onAnyBecause: "ActionHasNoResourceLevel" },
        {
          actions: ["ec2:CreateSnapshot", "ec2:CreateVolume", "ec2:CreateTags"],
          on: ["volume", "snapshot"].flatMap((kind) => [
            `arn:${partition}:ec2:${region}:${account}:${kind}/*`,
            `arn:${partition}:ec2:${region}::${kind}/*`,
          ]),
        },
        {
          actions: ["ec2:DeleteSnapshot"],
          on: [`arn:${partition}:ec2:${region}::snapshot/*`],
          when: { StringLike: { "ec2:ResourceTag/velero.io/backup": "*" } },
        },
        { actions: ["kms:Decrypt", "kms:Encrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"], on: [volumesKeyArn] },
        { actions: ["kms:CreateGrant"], on: [volumesKeyArn], when: { Bool: { "kms:GrantIsForAWSResource": "true" } } },
      ],
    },
  ];

  constructor(scope: Construct, platform: PlatformContext, { excludeNamespaces = [] }: VeleroProps) {
    const { cluster, colour, facts } = platform;
    const plugin = pinnedImages.veleroPluginForAws;
    const { registry, repository, tag } = imageParts(pinnedImages.kubectl);
    const excluded = ["kube-system", "kube-public", "kube-node-lease", ...platform.namespaceNames, ...excludeNamespaces];
    super(scope, platform, {
      description: Velero.description,
      keys: chart.keys,
      values: {
        ...ON_SYSTEM_NODES,
        priorityClassName: PRIORITY.standard,
        resources: resources("50m", "128Mi", "512Mi"),
        podSecurityContext: { ...RESTRICTED_POD, runAsUser: VELERO_USER, fsGroup: VELERO_USER },
        containerSecurityContext: RESTRICTED_CONTAINER,
        // A drain must not wait an hour for a backup that will be made again.
        terminationGracePeriodSeconds: 300,
        serviceAccount: { server: { name: NAME } },
        credentials: { useSecret: false },
        initContainers: [
          {
            name: "plugin-for-aws",
            image: plugin,
            volumeMounts: [{ mountPath: "/target", name: "plugins" }],
            resources: resources("10m", "32Mi", "128Mi"),
            securityContext: RESTRICTED_CONTAINER,
          },
        ],
        upgradeCRDs: true,
        cleanUpCRDs: false,
        upgradeJobResources: resources("20m", "64Mi", "256Mi"),
        kubectl: { image: { repository: `${registry}/${repository}`, tag }, containerSecurityContext: RESTRICTED_CONTAINER },
        deployNodeAgent: false,
        snapshotsEnabled: true,
        configuration: {
          backupStorageLocation: COLOURS.map((name) => ({
            name,
            provider: "aws",
            bucket: facts.backupBucket,
            prefix: name,
            default: name === colour.name,
            accessMode: name === colour.name ? "ReadWrite" : "ReadOnly",
            config: { region: cluster.region },
          })),
          volumeSnapshotLocation: [{ name: "ebs", provider: "aws", config: { region: cluster.region } }],
        },
        schedules: Object.fromEntries(
          cluster.backups.map((backup) => [scheduleName(backup, colour.name), schedule(backup, colour.name, excluded)]),
        ),
        // Loud where the definitions of monitors are missing, instead of silently unwatched.
        metrics: { serviceMonitor: { enabled: true, autodetect: false } },
      },
    });
  }
}

/**
 * Name of a schedule of a colour: Velero shows the other colour's backups too, and counts them by the name of their
 * schedule, so with one name for both a colour that makes none would look fresh.
 */
export function scheduleName({ name }: Pick<BackupSchedule, "name">, colour: ColourName): string {
  return `${colour}-${name}`;
}

function schedule({ cron, keepDays }: BackupSchedule, storageLocation: string, excludedNamespaces: readonly string[]): object {
  return {
    schedule: cron,
    template: {
      ttl: `${keepDays * 24}h0m0s`,
      storageLocation,
      volumeSnapshotLocations: ["ebs"],
      snapshotVolumes: true,
      excludedNamespaces,
    },
  };
}

declare module "../../config/platform-declaration" {
  interface ReleaseOptions {
    readonly velero?: boolean | VeleroProps;
  }
}
