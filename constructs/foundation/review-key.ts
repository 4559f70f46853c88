import { Construct } from "constructs";
import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey, type KmsKeyConfig } from "@cdktf/provider-aws/lib/kms-key";
import { reviewKeyAlias } from "../../config/names";
import { transformed, type Transform } from "../../config/transforms";
import { policyDocument } from "../policy";

/** Options of {@link ReviewKey}. */
export interface ReviewKeyProps {
  readonly fleet: string;
  readonly partition: string;
  readonly account: string;
  /** Names of the roles that plan and deploy. */
  readonly roles: readonly string[];
  readonly transform?: Transform<KmsKeyConfig> | undefined;
}

/**
 * The key with which a review's digests of hidden values are made, so that a deploy can tell whether a password is the
 * reviewed one while nobody who reads the report can try passwords. It makes codes and nothing else, never leaves KMS,
 * and is denied to everyone but the roles that plan and deploy.
 */
export class ReviewKey extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { fleet, partition, account, roles, transform }: ReviewKeyProps) {
    super(scope, id);
    const users = roles.map((name) => `arn:${partition}:iam::${account}:role/${name}`);
    const config: KmsKeyConfig = {
      description: `Digests of hidden values in the reviews of the fleet ${fleet}`,
      keyUsage: "GENERATE_VERIFY_MAC",
      customerMasterKeySpec: "HMAC_256",
      // A lost key only makes hidden values need an approval.
      deletionWindowInDays: 7,
      policy: policyDocument([
        // Hands the key to IAM of its own account; without this statement nobody could ever administer it again.
        { principal: { AWS: `arn:${partition}:iam::${account}:root` }, actions: ["kms:*"], onAnyBecause: "KeyPolicyMeansThisKey" },
        {
          effect: "Deny",
          principal: "*",
          actions: ["kms:GenerateMac", "kms:VerifyMac"],
          onAnyBecause: "KeyPolicyMeansThisKey",
          when: { ArnNotEquals: { "aws:PrincipalArn": users } },
        },
      ]),
    };
    const key = new KmsKey(this, "key", transformed(transform, config, id));
    new KmsAlias(this, "alias", { name: reviewKeyAlias(fleet), targetKeyId: key.keyId });
    this.arn = key.arn;
  }
}
