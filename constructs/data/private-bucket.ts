import { Construct } from "constructs";
import { S3Bucket, type S3BucketConfig } from "@cdktf/provider-aws/lib/s3-bucket";
import {
  S3BucketLifecycleConfiguration,
  type S3BucketLifecycleConfigurationRule,
} from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { transformed, type Transform } from "../../config/transforms";
import { policyDocument } from "../policy";
import type { EncryptionKey } from "./encryption-key";

/** Options of {@link PrivateBucket}. */
export interface PrivateBucketProps {
  /** Name, unique in the world. */
  readonly name: string;
  readonly partition: string;
  /** Key of the objects. */
  readonly key: EncryptionKey;
  /** Keeps overwritten and deleted objects for `noncurrentDays`. */
  readonly versioned: boolean;
  /**
   * Days until an old version is removed.
   * @default 30
   */
  readonly noncurrentDays?: number;
  /** Days until an object is removed; undefined when something else (Velero, Loki) looks after that. */
  readonly expireDays?: number;
  /** Refuses to be destroyed by Terraform. */
  readonly protect?: boolean;
  /**
   * Deletes the objects with the bucket. Never for protected ones.
   * @default false
   */
  readonly emptyOnDestroy?: boolean;
  readonly transform?: Transform<S3BucketConfig> | undefined;
}

/** An S3 bucket that only its account reaches, over TLS, with every object encrypted under one key. */
export class PrivateBucket extends Construct {
  readonly name: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, props: PrivateBucketProps) {
    super(scope, id);
    const config: S3BucketConfig = {
      bucket: props.name,
      forceDestroy: props.emptyOnDestroy ?? false,
      // A bucket that refuses to go, because it is not empty, keeps the key that its objects need.
      dependsOn: [props.key.resource],
      ...(props.protect ? { lifecycle: { preventDestroy: true } } : {}),
    };
    const bucket = new S3Bucket(this, "bucket", transformed(props.transform, config, id));
    const publicAccess = new S3BucketPublicAccessBlock(this, "public-access", {
      bucket: bucket.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new S3BucketOwnershipControls(this, "ownership", { bucket: bucket.id, rule: { objectOwnership: "BucketOwnerEnforced" } });
    new S3BucketServerSideEncryptionConfigurationA(this, "encryption", {
      bucket: bucket.id,
      rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: props.key.arn }, bucketKeyEnabled: true }],
    });
    // Never "Suspended": that leaves a delete marker behind every object that Loki compacts away.
    const versioning = props.versioned
      ? [new S3BucketVersioningA(this, "versioning", { bucket: bucket.id, versioningConfiguration: { status: "Enabled" } })]
      : [];
    new S3BucketPolicy(this, "tls-only", {
      bucket: bucket.id,
      policy: policyDocument([
        {
          effect: "Deny",
          principal: "*",
          actions: ["s3:*"],
          on: [bucket.arn, `${bucket.arn}/*`],
          when: { Bool: { "aws:SecureTransport": "false" } },
        },
      ]),
      // S3 refuses two policy changes of one bucket at once.
      dependsOn: [publicAccess],
    });
    new S3BucketLifecycleConfiguration(this, "lifecycle", { bucket: bucket.id, rule: lifecycleRules(props), dependsOn: versioning });
    this.name = bucket.bucket;
    this.arn = bucket.arn;
  }
}

function lifecycleRules({ versioned, noncurrentDays = 30, expireDays }: PrivateBucketProps): S3BucketLifecycleConfigurationRule[] {
  const rule = (id: string, rest: Partial<S3BucketLifecycleConfigurationRule>): S3BucketLifecycleConfigurationRule => ({
    id,
    status: "Enabled",
    filter: [{ prefix: "" }],
    ...rest,
  });
  return [
    rule("abort-uploads", { abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }] }),
    ...(versioned ? [rule("old-versions", { noncurrentVersionExpiration: [{ noncurrentDays }] })] : []),
    ...(versioned && expireDays === undefined ? [rule("delete-markers", { expiration: [{ expiredObjectDeleteMarker: true }] })] : []),
    ...(expireDays === undefined ? [] : [rule("expire", { expiration: [{ days: expireDays }] })]),
  ];
}
