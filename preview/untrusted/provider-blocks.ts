import { isObject } from "../../config/objects";
import { withoutNotes, type Body } from "./canonical";
import type { Finding } from "./refusal";

/** What provider blocks are held to. */
export interface ProviderContext {
  /** Roles that the base's own programs assume, or that an exception allows. */
  readonly assumableRoles: ReadonlySet<string>;
}

const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d+$/;
const ACCOUNT = /^\d{12}$/;
const ALIAS = /^[A-Za-z_][\w-]*$/;

/** How a stack's state is named where the platform takes the way to its cluster from. */
const OUTPUT = /^data\.terraform_remote_state\.(cross-stack-reference-input-[\w-]+)\.outputs\.cross-stack-output-aws_eks_cluster[\w-]+$/;

/**
 * What in a provider block is not exactly what Drydock writes. A provider's other arguments name files, processes and
 * hosts: `profile` starts a `credential_process`, `endpoints` and `host` decide who gets signed requests and tokens.
 */
export function providerFindings(name: string, body: Body, context: ProviderContext): readonly Finding[] {
  const path = `provider.${name}`;
  switch (name) {
    case "aws":
      return awsFindings(body, path, context);
    case "kubernetes":
      return clusterFindings(body, path, context, (exec) => (Array.isArray(exec) && exec.length === 1 ? exec[0] : undefined));
    case "helm": {
      const { kubernetes, ...rest } = withoutNotes(body);
      const inner = Array.isArray(kubernetes) && kubernetes.length === 1 ? (kubernetes[0] as unknown) : kubernetes;
      return [
        ...others(rest, [], path),
        ...(isObject(inner)
          ? clusterFindings(inner, `${path}.kubernetes`, context, (exec) => exec)
          : kubernetes === undefined
            ? []
            : [never(`${path}.kubernetes`, "is not what the platform writes")]),
      ];
    }
    default:
      return [never(path, "configures a provider that Drydock never configures")];
  }
}

function awsFindings(body: Body, path: string, { assumableRoles }: ProviderContext): readonly Finding[] {
  const { region, allowed_account_ids: accounts, assume_role: roles, default_tags: tags, alias, ...rest } = withoutNotes(body);
  const findings: Finding[] = [...others(rest, [], path)];
  if (typeof region !== "string" || !REGION.test(region)) findings.push(never(`${path}.region`, "is not the name of a region"));
  if (accounts !== undefined && !(Array.isArray(accounts) && accounts.every((id) => ACCOUNT.test(String(id)))))
    findings.push(never(`${path}.allowed_account_ids`, "is not a list of accounts"));
  if (alias !== undefined && !(typeof alias === "string" && ALIAS.test(alias))) findings.push(never(`${path}.alias`, "is not a name"));
  if (tags !== undefined && JSON.stringify(tags).includes("${")) findings.push(never(`${path}.default_tags`, "holds an expression"));
  for (const role of roles === undefined ? [] : Array.isArray(roles) ? (roles as readonly unknown[]) : [roles]) {
    const arn = isObject(role) && Object.keys(withoutNotes(role)).join() === "role_arn" ? String(role["role_arn"]) : undefined;
    if (arn === undefined) findings.push(never(`${path}.assume_role`, "has other arguments than role_arn"));
    else if (!assumableRoles.has(arn))
      findings.push({
        path: `${path}.assume_role`,
        reason: `assumes ${arn}, which no stack of the base does`,
        exception: `assume-role ${arn}`,
      });
  }
  return findings;
}

/** The way to a cluster: its own address from its own stack's outputs, and a token that `aws eks get-token` makes. */
function clusterFindings(body: Body, path: string, context: ProviderContext, execOf: (exec: unknown) => unknown): readonly Finding[] {
  const { host, cluster_ca_certificate: certificate, exec, ...rest } = withoutNotes(body);
  const findings: Finding[] = [...others(rest, [], path)];
  const stack = outputStack(host, /^\$\{(.*)endpoint\}$/);
  if (stack === undefined) findings.push(never(`${path}.host`, "is not the endpoint in a cluster stack's outputs; a token would go there"));
  if (certificate !== undefined && outputStack(certificate, /^\$\{base64decode\((.*)certificate_authority0data\)\}$/) !== stack)
    findings.push(never(`${path}.cluster_ca_certificate`, "is not the certificate of that cluster"));
  if (!isTokenCommand(execOf(exec), stack, context))
    findings.push(never(`${path}.exec`, "is not exactly the command with which the platform gets its token"));
  return findings;
}

function outputStack(value: unknown, form: RegExp): string | undefined {
  const [, reference = ""] = typeof value === "string" ? (form.exec(value) ?? []) : [];
  return OUTPUT.exec(reference)?.[1];
}

function isTokenCommand(exec: unknown, stack: string | undefined, { assumableRoles }: ProviderContext): boolean {
  if (!isObject(exec) || stack === undefined) return false;
  const { api_version: version, command, args, ...rest } = withoutNotes(exec);
  if (version !== "client.authentication.k8s.io/v1" || command !== "aws" || Object.keys(rest).length > 0 || !Array.isArray(args))
    return false;
  const [eks, getToken, clusterName, name, regionFlag, region, roleFlag, role, ...more] = args as readonly unknown[];
  return (
    eks === "eks" &&
    getToken === "get-token" &&
    clusterName === "--cluster-name" &&
    outputStack(name, /^\$\{(.*)name\}$/) === stack &&
    regionFlag === "--region" &&
    typeof region === "string" &&
    REGION.test(region) &&
    (roleFlag === undefined || (roleFlag === "--role-arn" && assumableRoles.has(String(role)))) &&
    more.length === 0
  );
}

/** Roles that provider blocks of programs assume. */
export function assumedRoles(provider: Readonly<Record<string, readonly Body[]>> | undefined): readonly string[] {
  return (provider?.["aws"] ?? []).flatMap(({ assume_role: roles }) =>
    (Array.isArray(roles) ? (roles as readonly unknown[]) : []).flatMap((role) =>
      isObject(role) && typeof role["role_arn"] === "string" ? [role["role_arn"]] : [],
    ),
  );
}

function others(body: Body, allowed: readonly string[], path: string): readonly Finding[] {
  return Object.keys(body)
    .filter((key) => !allowed.includes(key))
    .map((key) => never(`${path}.${key}`, "is an argument that Drydock never writes"));
}

function never(path: string, reason: string): Finding {
  return { path, reason, exception: undefined };
}
