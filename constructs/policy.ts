/**
 * Why a statement names no resource. The key becomes the statement's Sid, so a reviewer of the plan sees that it was
 * meant and can look up here what it rests on. A `*` resource without such a reason does not compile.
 */
export const WILDCARD_REASONS = {
  ActionHasNoResourceLevel: "The Service Authorization Reference lists no resource type for these actions.",
  KeyPolicyMeansThisKey: "In a key policy `*` is the key that the policy is attached to.",
  ResourceIdIsMadeByAws: "The id exists only after the call; the condition on tags or principals narrows it instead.",
  BoundaryNotGrant: "A permissions boundary grants nothing; it limits what other policies may grant.",
  DenyCoversAll: "A denial is meant to cover every resource.",
  ReadsForRefresh: "Refreshing state reads every resource of the fleet; the actions are read-only.",
  ServicesOfTheFleet: "The role makes and removes resources whose ids AWS chooses; IAM rights are narrowed below by name and boundary.",
} as const;

/** Key of a written reason for a `*` resource. */
export type WildcardReason = keyof typeof WILDCARD_REASONS;

type Principal = Readonly<Partial<Record<"AWS" | "Service" | "Federated", string | readonly string[]>>>;

type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>> | undefined>>;

interface StatementBase {
  /** @default "Allow" */
  readonly effect?: "Allow" | "Deny" | undefined;
  readonly when?: Conditions | undefined;
  /** Only in resource policies. */
  readonly principal?: "*" | Principal | undefined;
}

type Target =
  | { /** ARNs, `*` only within one. */ readonly on: readonly string[]; readonly onAnyBecause?: undefined }
  | { /** Every resource but these ARNs; only for denials. */ readonly onAllBut: readonly string[]; readonly onAnyBecause?: undefined }
  | { /** The statement covers `*` for this reason. */ readonly onAnyBecause: WildcardReason };

type Actions = { readonly actions: readonly string[] } | { /** Every action except these. */ readonly notActions: readonly string[] };

/** One statement of an IAM, key, bucket or topic policy. */
export type Statement = StatementBase & Target & Actions;

/** Renders a policy document. The same statements always give the same bytes. */
export function policyDocument(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements.map(renderStatement) });
}

function renderStatement(statement: Statement, index: number): object {
  return {
    ...(statement.onAnyBecause ? { Sid: `${statement.onAnyBecause}${index}` } : {}),
    Effect: statement.effect ?? "Allow",
    ...(statement.principal === undefined ? {} : { Principal: statement.principal }),
    ...("actions" in statement ? { Action: statement.actions } : { NotAction: statement.notActions }),
    ...("onAllBut" in statement ? { NotResource: statement.onAllBut } : { Resource: "on" in statement ? statement.on : "*" }),
    ...(statement.when === undefined ? {} : { Condition: statement.when }),
  };
}

/** The trust policy that lets an AWS service assume a role. */
export function serviceTrust(service: string, when?: Conditions): string {
  return trust({ Service: service }, ["sts:AssumeRole"], when);
}

/** A trust policy. It names no resource: the role it is attached to is meant. */
export function trust(principal: Principal, actions: readonly string[], when?: Conditions): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: principal, Action: actions, ...(when === undefined ? {} : { Condition: when }) }],
  });
}
