import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { partitionOf } from "../../config/placement";
import { textOf, type Value } from "./values";

/** What a template can refer to. */
export interface TemplateContext {
  readonly account: string;
  readonly region: string;
  /** Number of the object; makes what is generated differ from every other object's. */
  readonly sequence: number;
  /** Value of another attribute of the same object, by dotted path with indexes. */
  readonly attribute: (path: string) => Value;
  /** Attribute of the object that an argument refers to. */
  readonly referenced: (path: string, attribute: string) => Value;
  /** Values before an update; a counter counts on from them. */
  readonly previous: Readonly<Record<string, Value>> | undefined;
  /** Time of the operation. */
  readonly now: Date;
}

const PLACEHOLDER = /(?<!\$)\{([a-zA-Z_][\w.:|/-]*)\}/g;

/**
 * Fills in a template of the facts: strings may hold `{placeholders}`; everything else is taken as it is.
 * A string that is one placeholder gives the value itself, so that numbers and lists stay what they are.
 */
export function fillTemplate(template: unknown, context: TemplateContext): Value {
  if (typeof template === "string") {
    const [whole, only] = /^(?<!\$)\{([a-zA-Z_][\w.:|/-]*)\}$/.exec(template) ?? [];
    if (whole !== undefined && only !== undefined) return placeholder(only, context);
    return template.replace(PLACEHOLDER, (_, name: string) => textOf(placeholder(name, context)));
  }
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, context));
  if (typeof template === "object" && template !== null)
    return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, fillTemplate(value, context)]));
  return template as Value;
}

type Generator = (context: TemplateContext, ...args: string[]) => Value;

const ALPHABETS = {
  hex: "0123456789abcdef",
  upperHex: "0123456789ABCDEF",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
  digits: "0123456789",
  alnum: "abcdefghijklmnopqrstuvwxyz0123456789",
} as const;

const GENERATORS: Readonly<Record<string, Generator>> = {
  ...Object.fromEntries(
    Object.entries(ALPHABETS).map(([name, alphabet]) => [
      name,
      ((context, length, key = name) => random(context, key, Number(length), alphabet)) satisfies Generator,
    ]),
  ),
  uuid: (context, key = "uuid") => random(context, key, 32, ALPHABETS.hex).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"),
  account: ({ account }) => account,
  region: ({ region }) => region,
  partition: ({ region }) => partitionOf(region),
  dnsSuffix: ({ region }) => (partitionOf(region) === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"),
  reverseDnsPrefix: ({ region }) => (partitionOf(region) === "aws-cn" ? "cn.com.amazonaws" : "com.amazonaws"),
  now: ({ now }) => now.toISOString().replace(/\.\d+Z$/, "Z"),
  goTime: ({ now }) => now.toISOString().replace("T", " ").replace("Z", " +0000 UTC"),
  crc32: (context, path = "") => String(crc32(textOf(context.attribute(path)))),
  zonePrefix: ({ region }) => zonePrefix(region),
  zoneId: (context, path = "") =>
    `${zonePrefix(context.region)}-az${textOf(context.attribute(path)).charCodeAt(context.region.length) - 96}`,
  publicIp: (context) => `3.${octets(context, "public", 3)}`,
  ipIn: (context) => `10.${octets(context, "private", 3)}`,
  certificate: (context) =>
    Buffer.from(
      `-----BEGIN CERTIFICATE-----\n${random(context, "certificate", 64, ALPHABETS.upper)}\n-----END CERTIFICATE-----\n`,
    ).toString("base64"),
  // Zone ids of application load balancers; https://docs.aws.amazon.com/general/latest/gr/elb.html
  loadBalancerZone: ({ region }) =>
    ({ "us-east-1": "Z35SXDOTRQ7X7K", "eu-west-1": "Z32O12XQLNTSW2", "eu-central-1": "Z215JYRZR1TBD5" })[region] ?? "Z0000000000EXAMPLE",
  generated: (context, prefix = "") =>
    `${generatedPrefix(context, prefix)}${timestamp(context.now)}${random(context, "generated", 8, ALPHABETS.hex)}`,
  counter: ({ previous }) => Number(previous?.["latest_version"] ?? 0) + 1,
  ref: (context, path = "") => {
    const steps = path.split(".");
    return context.referenced(steps.slice(0, -1).join("."), steps.at(-1) ?? "");
  },
};

function placeholder(expression: string, context: TemplateContext): Value {
  const [source = "", filter] = expression.split("|");
  const [name = "", ...args] = source.split(":");
  const generator = Object.hasOwn(GENERATORS, name) ? GENERATORS[name] : undefined;
  const value = generator ? generator(context, ...args) : context.attribute(source);
  return filter === undefined ? value : applyFilter(filter, textOf(value));
}

function applyFilter(filter: string, value: string): string {
  switch (filter) {
    case "lower":
      return value.toLowerCase();
    case "dashes":
      return value.replaceAll(".", "-");
    case "basename":
      return value.split("/").at(-1) ?? value;
    case "host":
      return value.replace(/^https:\/\//, "");
    case "listener":
      return value.replace(":loadbalancer/", ":listener/");
    case "rule":
      return value.replace(":listener/", ":listener-rule/");
    default:
      throw new Error(`The facts use a filter "${filter}" that does not exist.`);
  }
}

/** Characters that look random and are the same for the same object and key. */
function random({ sequence }: TemplateContext, key: string, length: number, alphabet: string): string {
  let characters = "";
  for (let round = 0; characters.length < length; round += 1) {
    const digest = createHash("sha256").update(`${sequence}/${key}/${round}`).digest();
    for (const byte of digest) characters += alphabet[byte % alphabet.length] ?? "";
  }
  return characters.slice(0, length);
}

function octets(context: TemplateContext, key: string, count: number): string {
  return [...createHash("sha256").update(`${context.sequence}/${key}`).digest().subarray(0, count)].join(".");
}

/** `eu-west-1` is `euw1` in the ids of its zones. */
function zonePrefix(region: string): string {
  const [area = "", ...rest] = region.split("-");
  const number = rest.at(-1) ?? "";
  return `${area}${rest
    .slice(0, -1)
    .map((word) => word[0])
    .join("")}${number}`;
}

/** A generated name begins with the prefix that the configuration gives, else with the provider's own. */
function generatedPrefix({ attribute }: TemplateContext, argument: string): string {
  const named = [argument, "name_prefix"]
    .map((path) => (/^[a-z_.0-9]+$/.test(path) ? attribute(path) : null))
    .find((value) => typeof value === "string" && value !== "");
  return typeof named === "string" ? named : argument;
}

function timestamp(now: Date): string {
  return now.toISOString().replaceAll(/\D/g, "").slice(0, 18).padEnd(18, "0");
}
