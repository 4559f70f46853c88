import { Construct } from "constructs";
import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey, type KmsKeyConfig } from "@cdktf/provider-aws/lib/kms-key";
import { transformed, type Transform } from "../../config/transforms";
import { policyDocument, type Statement } from "../policy";

/** Options of {@link EncryptionKey}. */
export interface EncryptionKeyProps {
  /** Alias without `alias/`. */
  readonly alias: string;
  /** What the key encrypts, for people who find it in the console. */
  readonly description: string;
  readonly partition: string;
  readonly account: string;
  /**
   * Who may use the key besides principals whose IAM policies allow it.
   * @default []
   */
  readonly statements?: readonly Statement[];
  /** Refuses to be destroyed by Terraform. */
  readonly protect?: boolean;
  readonly transform?: Transform<KmsKeyConfig> | undefined;
}

/** A customer-managed KMS key with yearly rotation and an alias. Its deletion can be called off for 30 days. */
export class EncryptionKey extends Construct {
  readonly arn: string;
  /** What must not go before the key. */
  readonly resource: KmsKey;

  constructor(scope: Construct, id: string, props: EncryptionKeyProps) {
    super(scope, id);
    const config: KmsKeyConfig = {
      description: props.description,
      enableKeyRotation: true,
      deletionWindowInDays: 30,
      policy: policyDocument([
        // Hands the key to IAM of its own account; without this statement nobody could ever administer it again.
        {
          principal: { AWS: `arn:${props.partition}:iam::${props.account}:root` },
          actions: ["kms:*"],
          onAnyBecause: "KeyPolicyMeansThisKey",
        },
        ...(props.statements ?? []),
      ]),
      ...(props.protect ? { lifecycle: { preventDestroy: true } } : {}),
    };
    const key = new KmsKey(this, "key", transformed(props.transform, config, id));
    new KmsAlias(this, "alias", { name: `alias/${props.alias}`, targetKeyId: key.keyId });
    this.arn = key.arn;
    this.resource = key;
  }
}

/** Lets an AWS service use a key on behalf of resources of this account. */
export function serviceMayUseKey(service: string, when: NonNullable<Statement["when"]>): Statement {
  return {
    principal: { Service: service },
    actions: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
    onAnyBecause: "KeyPolicyMeansThisKey",
    when,
  };
}
