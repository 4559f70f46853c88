import { isList, isObject, type ObjectValue, type Value } from "./values";

/** What a provider block configures: kept per connection, because every alias of every Terraform process has its own. */
export interface Connection {
  readonly account: string;
  readonly region: string;
  readonly defaultTags: Readonly<Record<string, string>>;
  /** API endpoint, for providers that work inside a Kubernetes cluster. */
  readonly cluster: string;
  /** Stack that the connection works for, from the tags. */
  readonly stack: string;
}

/** Account of connections that name none. */
const UNNAMED_ACCOUNT = "000000000000";

/** Reads a provider block. */
export function connectionOf(config: ObjectValue): Connection {
  const [tags] = list(config["default_tags"]).map((block) => (isObject(block) ? block["tags"] : null));
  const defaultTags = isObject(tags) ? (tags as Readonly<Record<string, string>>) : {};
  const [role] = list(config["assume_role"]).map((block) => (isObject(block) ? block["role_arn"] : null));
  const [allowed] = list(config["allowed_account_ids"]);
  const kubernetes = isObject(config["kubernetes"]) ? config["kubernetes"] : config;
  return {
    account: text(allowed) ?? text(role)?.split(":")[4] ?? UNNAMED_ACCOUNT,
    region: text(config["region"]) ?? "us-east-1",
    defaultTags,
    cluster: text(kubernetes["host"]) ?? "",
    stack: defaultTags["drydock:stack"] ?? "",
  };
}

function list(value: Value | undefined): readonly Value[] {
  return isList(value) ? value : [];
}

function text(value: Value | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
