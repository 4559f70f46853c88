import type { App } from "cdktf";
import { COLOURS, type Cluster, type ColourName } from "../config/fleet";
import { bucketName, clusterName } from "../config/names";
import { EncryptionKey, serviceMayUseKey } from "../constructs/data/encryption-key";
import { PrivateBucket } from "../constructs/data/private-bucket";
import type { Statement } from "../constructs/policy";
import { exportFacts, FleetStack, type Synthesis } from "./fleet-stack";

/** A bucket, by the two names that others use it by. */
export interface BucketFacts {
  readonly name: string;
  readonly arn: string;
}

/** What other stacks may know of the data that outlives a colour. */
export interface DataFacts {
  readonly volumesKeyArn: string;
  readonly backups: { readonly bucket: BucketFacts; readonly keyArn: string };
  readonly logs: { readonly buckets: Readonly<Record<ColourName, BucketFacts>>; readonly keyArn: string };
}

/** What must outlive a colour: backups, logs, and the keys without which neither can be read again. */
export class DataStack extends FleetStack {
  readonly facts: DataFacts;

  constructor(app: App, { synthesis, cluster }: { readonly synthesis: Synthesis; readonly cluster: Cluster }) {
    super(app, `${cluster.name}-data`, { synthesis, placement: cluster, tags: { "drydock:cluster": cluster.name } });
    const { fleet } = synthesis;
    const { account, partition, protect, transform } = cluster;
    const prefix = clusterName(fleet.name, cluster.name);
    const makeKey = (purpose: string, description: string, statements: readonly Statement[]) =>
      new EncryptionKey(this, `${purpose}-key`, {
        alias: `${prefix}-${purpose}`,
        description: `${description} of ${prefix}`,
        partition,
        account,
        statements,
        protect,
        transform: transform.data?.key,
      });
    const makeBucket = (purpose: string, key: EncryptionKey, options: { versioned: boolean; expireDays?: number }): BucketFacts => {
      const { name, arn } = new PrivateBucket(this, purpose, {
        name: bucketName(fleet.name, cluster.name, purpose, account),
        partition,
        key,
        protect,
        emptyOnDestroy: cluster.emptyBuckets,
        transform: transform.data?.bucket,
        ...options,
      });
      return { name, arn };
    };

    const backupsKey = makeKey("backups", "Backups", []);
    const logsKey = makeKey("logs", "Container and control-plane logs", [cloudWatchLogs(cluster)]);
    // Velero removes its own backups in time, but not those of a colour that runs no longer.
    const longest = Math.max(0, ...cluster.backups.map(({ keepDays }) => keepDays));
    const backups = makeBucket("backups", backupsKey, { versioned: true, ...(longest > 0 ? { expireDays: longest + 14 } : {}) });
    // Loki removes what is too old; the bucket removes what Loki no longer knows of.
    const expireDays = cluster.logs.containers + 7;
    const logBucket = (colour: ColourName): BucketFacts => makeBucket(`logs-${colour}`, logsKey, { versioned: false, expireDays });
    const [blue, green] = COLOURS.map(logBucket) as [BucketFacts, BucketFacts];
    this.facts = {
      volumesKeyArn: makeKey("volumes", "Volumes", autoScaling(cluster)).arn,
      backups: { bucket: backups, keyArn: backupsKey.arn },
      logs: { buckets: { blue, green }, keyArn: logsKey.arn },
    };
    exportFacts(this, this.facts);
    transform.data?.stack?.(this);
  }
}

function cloudWatchLogs({ partition, region, account }: Cluster): Statement {
  return serviceMayUseKey(`logs.${region}.amazonaws.com`, {
    ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:${partition}:logs:${region}:${account}:log-group:*` },
  });
}

/**
 * Lets Auto Scaling start nodes with encrypted disks. Its service-linked role is named by a condition, not as the
 * principal: KMS refuses a principal that does not exist yet, and in a fresh account the first node group makes it.
 */
function autoScaling({ partition, account }: Cluster): Statement[] {
  const role = `arn:${partition}:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`;
  const caller = { StringEquals: { "kms:CallerAccount": account }, ArnEquals: { "aws:PrincipalArn": role } };
  const principal = { AWS: "*" };
  return [
    {
      principal,
      actions: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
      onAnyBecause: "KeyPolicyMeansThisKey",
      when: caller,
    },
    {
      principal,
      actions: ["kms:CreateGrant"],
      onAnyBecause: "KeyPolicyMeansThisKey",
      when: { ...caller, Bool: { "kms:GrantIsForAWSResource": "true" } },
    },
  ];
}
