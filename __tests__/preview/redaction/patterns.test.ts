import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import rules from "../../../facts/gitleaks-rules.json";
import patterns from "../../../facts/secret-patterns.json";
import { isTellingName } from "../../../preview/redaction/names";
import { ROOT } from "../../support/checkout";

describe("the data of redaction", () => {
  it.each(["secret-patterns", "gitleaks-rules"])("facts/%s.json follows its schema", (name) => {
    const read = (...path: string[]) => JSON.parse(readFileSync(join(ROOT, "facts", ...path), "utf8")) as object;
    const ajv = addFormats(new Ajv({ allErrors: true }));
    expect(ajv.validate(read("schema", `${name}.schema.json`), read(`${name}.json`)), ajv.errorsText()).toBe(true);
  });

  it.each([...patterns.shapes, ...rules.rules])("$what is an expression that takes linear time, with the group it names", (form) => {
    const { group = 0 } = form as { readonly group?: number };
    expect(RE2JS.compile(form.pattern).groupCount()).toBeGreaterThanOrEqual(group);
  });

  it("says of each rule that is left out, why", () => {
    expect(Object.keys(rules.leftOut).length + rules.rules.length).toBe(222);
    for (const { what } of rules.rules) expect(Object.keys(rules.leftOut)).not.toContain(what);
  });
});

const TELLING = [
  ...["password", "adminPassword", "DB_PASS", "dbPass", "pass", "pwd", "MYSQL_PWD", "smtp_auth_password", "passphrase", "bindPW"],
  ...["routing_key", "service_key", "secret_id", "api_key", "apiKey", "APIKEY", "X-Api-Key", "aws_secret_access_key", "secretKey"],
  ...["client_secret", "token", "github_token", "_authToken", "Authorization", "connection_string", "SENTRY_DSN", "license_key"],
  ...["tunnel1_preshared_key", "auth", "credentials", "htpasswd", "private_key", "session_key", "cookie_secret", "kubeconfig"],
];
const HARMLESS = [
  ...["secretName", "existingSecret", "secretRef", "secretKeyRef", "imagePullSecrets", "token_path", "tokenPath", "passwordFile"],
  ...["http_tokens", "kms_key_id", "secret_arn", "secret_name", "passwordKey", "userKey", "automountServiceAccountToken"],
  ...["tokenTTL", "token_ttl", "useSecret", "secretStoreRef", "external-secrets-enabled", "bypass", "compass", "passthrough", "keyName"],
  ...["access_key_id", "partition_key", "topologyKey", "public_key", "authMode", "auth_type", "token.actions.githubusercontent.com:aud"],
];

describe("a key", () => {
  it.each(TELLING)("%s tells that it holds a secret", (name) => {
    expect(isTellingName(name)).toBe(true);
    // Running text is only looked at where one of these is.
    expect(patterns.names.hints.some((hint) => name.toLowerCase().includes(hint))).toBe(true);
  });

  it.each(HARMLESS)("%s does not", (name) => {
    expect(isTellingName(name)).toBe(false);
  });
});
