import type { Facts } from "../facts";
import type { Connection } from "./connection";
import { renderPolicyDocument } from "./policy-document";
import type { Block } from "./schema";
import { settle } from "./settle";
import { complete, Unknown, type ObjectValue } from "./values";

/** Answers a data source: from its facts, the same for the same account and region. */
export function readDataSource(
  facts: Facts,
  type: string,
  block: Block,
  config: ObjectValue,
  { account, region }: Connection,
): ObjectValue {
  const { computed } = facts.data(type);
  const asked = Object.fromEntries(
    block.attributes.map(({ name, computed: answers }) => [
      name,
      (config[name] ?? null) === null && answers ? Unknown.instance : (config[name] ?? null),
    ]),
  );
  const policy = type === "aws_iam_policy_document" ? renderPolicyDocument(config) : undefined;
  const answer = settle(
    { ...config, ...asked },
    {
      block,
      facts: { type, framework: false, scope: "global", computed, seconds: { create: INSTANT, update: INSTANT, delete: INSTANT } },
      account,
      region,
      // Answers belong to no object: the same question always gets the same answer.
      sequence: 0,
      now: new Date(0),
      previous: undefined,
      referenced: () => null,
      overrides: policy ? Object.fromEntries(Object.entries(policy).map(([name, value]: [string, string]) => [name, () => value])) : {},
    },
  );
  return complete(answer, block);
}

const INSTANT = { basis: "estimate", estimate: 0 } as const;
