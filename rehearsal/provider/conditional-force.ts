import { isList, type ObjectValue, type PathStep } from "./values";

/** Paths that force a replacement only under a condition, for a change from prior to planned. */
type ConditionalForce = (prior: ObjectValue, planned: ObjectValue) => readonly (readonly PathStep[])[];

const RULE_SOURCES = ["cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"];

/** A rule's source may change in place, but not its kind. */
const ruleSource: ConditionalForce = (prior, planned) => {
  const kindOf = (rule: ObjectValue) => RULE_SOURCES.filter((source) => (rule[source] ?? null) !== null);
  const [before, after] = [kindOf(prior), kindOf(planned)];
  return before.join() === after.join() ? [] : [...new Set([...before, ...after])].map((source) => [source]);
};

/** What the facts' `conditionalForceNew` says in words, for the types where it can come up. */
export const CONDITIONAL_FORCE: Readonly<Record<string, ConditionalForce>> = {
  aws_eks_cluster: ({ encryption_config: before }, { encryption_config: after }) =>
    isList(before) && before.length > 0 && isList(after) && after.length === 0 ? [["encryption_config"]] : [],
  aws_vpc: ({ instance_tenancy: before }, { instance_tenancy: after }) =>
    before !== after && !(before === "dedicated" && after === "default") ? [["instance_tenancy"]] : [],
  aws_vpc_security_group_egress_rule: ruleSource,
  aws_vpc_security_group_ingress_rule: ruleSource,
};
