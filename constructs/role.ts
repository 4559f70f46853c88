import { Construct } from "constructs";
import { IamRole, type IamRoleConfig } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { transformed, type Transform } from "../config/transforms";
import { policyDocument, type Statement } from "./policy";

/** Path of the roles inside the boundary: the only ones that the deploy role may make or change. */
export const BOUNDED_ROLE_PATH = "/drydock/";

/** Options of {@link Role}. */
export interface RoleProps {
  /** Name of the role, at most 64 characters. */
  readonly name: string;
  /** Trust policy; see `serviceTrust`. */
  readonly trust: string;
  /** ARN of the policy that bounds what the role can ever do. Undefined only for roles of the foundation itself. */
  readonly boundaryArn: string | undefined;
  /**
   * Longest session, in seconds.
   * @default 3600
   */
  readonly maxSessionSeconds?: number;
  /** Statements of the role's own policy. */
  readonly statements?: readonly Statement[];
  /** ARNs of AWS managed policies. */
  readonly managedPolicyArns?: readonly string[];
  readonly transform?: Transform<IamRoleConfig> | undefined;
}

/** An IAM role with its policy, bounded by the fleet's permissions boundary. */
export class Role extends Construct {
  readonly arn: string;
  readonly name: string;
  /** What must exist before the role can be used: its policies. */
  readonly policies: readonly (IamRolePolicy | IamRolePolicyAttachment)[];

  constructor(scope: Construct, id: string, props: RoleProps) {
    super(scope, id);
    const bounded = props.boundaryArn === undefined ? {} : { path: BOUNDED_ROLE_PATH, permissionsBoundary: props.boundaryArn };
    const config: IamRoleConfig = {
      name: props.name,
      assumeRolePolicy: props.trust,
      ...bounded,
      ...(props.maxSessionSeconds === undefined ? {} : { maxSessionDuration: props.maxSessionSeconds }),
    };
    const role = new IamRole(this, "role", transformed(props.transform, config, id));
    const attached = (props.managedPolicyArns ?? []).map(
      (policyArn) => new IamRolePolicyAttachment(this, policyArn.split("/").at(-1) ?? policyArn, { role: role.name, policyArn }),
    );
    const own = props.statements?.length
      ? [new IamRolePolicy(this, "policy", { name: props.name, role: role.name, policy: policyDocument(props.statements) })]
      : [];
    this.arn = role.arn;
    this.name = role.name;
    this.policies = [...attached, ...own];
  }
}
