import { elements, isObject, nonEmpty, type ObjectValue } from "./values";

/** What a provider block configures: kept per connection, because every alias of every Terraform process has its own. */
export interface Connection {
  readonly account: string;
  readonly region: string;
  readonly defaultTags: Readonly<Record<string, string>>;
  /** API endpoint, for providers that work inside a Kubernetes cluster. */
  readonly cluster: string;
  /** What it says of reaching that API. */
  readonly kubernetes: ObjectValue;
  /** Stack that the connection works for, from the tags. */
  readonly stack: string;
}

/** Account of connections that name none. */
const UNNAMED_ACCOUNT = "000000000000";

/** Reads a provider block. */
export function connectionOf(config: ObjectValue): Connection {
  const [tags] = elements(config["default_tags"]).map((block) => (isObject(block) ? block["tags"] : null));
  const defaultTags = isObject(tags) ? (tags as Readonly<Record<string, string>>) : {};
  const [role] = elements(config["assume_role"]).map((block) => (isObject(block) ? block["role_arn"] : null));
  const [allowed] = elements(config["allowed_account_ids"]);
  const kubernetes = isObject(config["kubernetes"]) ? config["kubernetes"] : config;
  return {
    account: nonEmpty(allowed) ?? nonEmpty(role)?.split(":")[4] ?? UNNAMED_ACCOUNT,
    region: nonEmpty(config["region"]) ?? "us-east-1",
    defaultTags,
    cluster: nonEmpty(kubernetes["host"]) ?? "",
    kubernetes,
    stack: defaultTags["drydock:stack"] ?? "",
  };
}
