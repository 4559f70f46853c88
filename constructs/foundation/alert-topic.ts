import { Construct } from "constructs";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { EncryptionKey, serviceMayUseKey } from "../data/encryption-key";
import { policyDocument } from "../policy";

/** AWS services that report to the owner. */
const PUBLISHERS = ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"] as const;

/** Options of {@link AlertTopic}. */
export interface AlertTopicProps {
  readonly name: string;
  readonly partition: string;
  readonly account: string;
  /** E-mail address that must confirm the subscription once. */
  readonly owner: string;
}

/** The encrypted SNS topic on which budgets, CloudWatch and every cluster's Alertmanager reach the owner. */
export class AlertTopic extends Construct {
  readonly arn: string;
  readonly keyArn: string;

  constructor(scope: Construct, id: string, { name, partition, account, owner }: AlertTopicProps) {
    super(scope, id);
    const fromThisAccount = { StringEquals: { "aws:SourceAccount": account } };
    // The AWS-managed key of SNS does not admit other services, so alarms would be dropped without a word.
    const key = new EncryptionKey(this, "encryption", {
      alias: name,
      description: `Alerts on the topic ${name}`,
      partition,
      account,
      statements: PUBLISHERS.map((service) => serviceMayUseKey(service, fromThisAccount)),
    });
    const topic = new SnsTopic(this, "topic", { name, kmsMasterKeyId: key.arn });
    new SnsTopicPolicy(this, "policy", {
      arn: topic.arn,
      policy: policyDocument([
        { principal: { Service: [...PUBLISHERS] }, actions: ["sns:Publish"], on: [topic.arn], when: fromThisAccount },
      ]),
    });
    new SnsTopicSubscription(this, "owner", { topicArn: topic.arn, protocol: "email", endpoint: owner });
    this.arn = topic.arn;
    this.keyArn = key.arn;
  }
}
