import { gzipSync } from "node:zlib";
import { stringify } from "yaml";
import { collectResource } from "../../preview/redaction/plan";
import { Secrets } from "../../preview/redaction/secrets";
import { withoutSecrets } from "../../preview/redaction/structure";
import { snippets } from "./redaction-snippets";

/** Something in which a secret is seeded. */
export interface Seed {
  /** What it is, for messages: the form of the secret and how it is written. */
  readonly what: string;
  /** Values that a plan holds, which are read before anything is written. */
  readonly values?: unknown;
  /** Terraform's mask of the values. */
  readonly mask?: unknown;
  /** Type of the resource whose values these are. */
  readonly type?: string;
  /** Running text that is written: an error, a diff, a file. */
  readonly texts: readonly string[];
  /** What must not be readable. */
  readonly secrets: readonly string[];
}

/** Chooses a number below another; the same choices give the same corpus. */
export type Choose = (below: number) => number;

/** Choices that a number determines. */
export function choices(seed: number): Choose {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
const HEX = "0123456789abcdef";
const ALNUM = LOWER + UPPER + DIGITS;
const URL_SAFE = `${ALNUM}_-`;

/** Ways to write a text within another; a secret must be found in each. */
export const WRITINGS: Readonly<Record<string, (text: string) => string>> = {
  "as it is": (text) => text,
  "in a sentence": (text) => `Error: the server refused ${text}, try another`,
  "in JSON": (text) => JSON.stringify({ note: text }),
  "in JSON in JSON": (text) => JSON.stringify({ note: JSON.stringify({ note: text }) }),
  "in JSON as Terraform writes it": (text) => goJson({ note: text }),
  "in base64": (text) => `user_data: ${base64(text)}`,
  "in base64, one byte on": (text) => `content=${base64(`;${text}`)}`,
  "in base64, two bytes on": (text) => `content=${base64(`; ${text} and more`)}`,
  "in base64 of broken lines": (text) => broken(base64(`#!/bin/sh\n# what follows is set up at boot\n${text}\nexit 0\n`)),
  "in base64 for URLs": (text) => `data=${Buffer.from(`~~??>>${text}`).toString("base64url")}`,
  "in base64 in base64": (text) => base64(`data: ${base64(text)}\n`),
  "encoded for a URL": (text) => `https://example.org/?next=${encodeURIComponent(text)}&page=1`,
  "encoded for a URL twice": (text) => encodeURIComponent(`?next=${encodeURIComponent(text)}`),
  "in XML": (text) => `<note>${xml(text)}</note>`,
  "in an attribute of HTML": (text) => `<a title="${xml(text).replaceAll('"', "&#34;")}">x</a>`,
  "in quotes of YAML": (text) => `note: '${text.replaceAll("'", "''")}'`,
  "in a list of YAML": (text) => stringify({ notes: [text] }),
  "in quotes of a shell": (text) => `echo '${text.replaceAll("'", `'\\''`)}'`,
  "in HCL": (text) => `note = ${JSON.stringify(text).replaceAll("${", "$${")}`,
  "in a diff": (text) => `@@ -1,2 +1,2 @@\n-  note: x\n+  note: ${JSON.stringify(text)}\n`,
  "in hexadecimal digits": (text) => Buffer.from(text).toString("hex"),
};

/** Tokens of which only the form tells what they are. */
export const TOKENS: Readonly<Record<string, (make: Maker) => string>> = {
  "AWS access key id": (make) => `AKIA${make(UPPER + "234567", 16)}`,
  "AWS session key id": (make) => `ASIA${make(UPPER + "234567", 16)}`,
  "GitHub personal token": (make) => `ghp_${make(ALNUM, 36)}`,
  "GitHub fine-grained token": (make) => `github_pat_${make(ALNUM, 22)}_${make(ALNUM, 59)}`,
  "GitHub app token": (make) => `ghs_${make(ALNUM, 36)}`,
  "GitLab token": (make) => `glpat-${make(URL_SAFE, 20)}`,
  "GitLab routable token": (make) => `glpat-${make(URL_SAFE, 27)}.01.${make(LOWER, 9)}`,
  "GitLab runner token": (make) => `glrt-${make(URL_SAFE, 20)}`,
  "Slack bot token": (make) => `xoxb-${make(DIGITS, 12)}-${make(DIGITS, 12)}-${make(ALNUM, 24)}`,
  "Slack app token": (make) => `xapp-1-A${make(UPPER, 9)}-${make(DIGITS, 13)}-${make(HEX, 64)}`,
  "Slack webhook": (make) => `https://hooks.slack.com/services/T${make(UPPER, 8)}/B${make(UPPER, 8)}/${make(ALNUM, 24)}`,
  "npm token": (make) => `npm_${make(ALNUM, 36)}`,
  "PyPI token": (make) => `pypi-AgEIcHlwaS5vcmc${make(URL_SAFE, 80)}`,
  "Stripe key": (make) => `sk_live_${make(ALNUM, 24)}`,
  "Stripe webhook secret": (make) => `whsec_${make(ALNUM, 32)}`,
  "Google API key": (make) => `AIza${make(URL_SAFE, 34)}x`,
  "Google OAuth token": (make) => `ya29.${make(URL_SAFE, 60)}`,
  "Google client secret": (make) => `GOCSPX-${make(URL_SAFE, 28)}`,
  "Azure client secret": (make) => `${make(ALNUM, 3)}8Q~${make(ALNUM, 34)}`,
  "Azure shared access signature": (make) => `https://x.blob.core.windows.net/c?sv=2024-01-01&sig=${make(ALNUM, 43)}%3D`,
  "SendGrid key": (make) => `SG.${make(URL_SAFE, 22)}.${make(URL_SAFE, 42)}x`,
  "Twilio key": (make) => `SK${make(HEX, 32)}`,
  "Mailgun key": (make) => `key-${make(HEX, 32)}`,
  "Mailchimp key": (make) => `${make(HEX, 32)}-us12`,
  "DigitalOcean token": (make) => `dop_v1_${make(HEX, 64)}`,
  "OpenAI key": (make) => `sk-proj-${make(ALNUM, 74)}T3BlbkFJ${make(ALNUM, 74)}`,
  "Anthropic key": (make) => `sk-ant-api03-${make(ALNUM, 93)}AA`,
  "Vault token": (make) => `hvs.${make(ALNUM, 94)}`,
  "Terraform Cloud token": (make) => `${make(ALNUM, 14)}.atlasv1.${make(ALNUM, 67)}`,
  "New Relic license key": (make) => `${make(HEX, 36)}NRAL`,
  "New Relic user key": (make) => `NRAK-${make(UPPER, 27)}`,
  "Grafana service account token": (make) => `glsa_${make(ALNUM, 32)}_${make(HEX, 8)}`,
  "Sentry DSN": (make) => `https://${make(HEX, 32)}@o123.ingest.sentry.io/42`,
  "Sentry user token": (make) => `sntryu_${make(HEX, 64)}`,
  "Telegram bot token": (make) => `${make("123456789", 9)}:AA${make(URL_SAFE, 32)}x`,
  "Discord webhook": (make) => `https://discord.com/api/webhooks/${make("123456789", 18)}/${make(URL_SAFE, 67)}x`,
  "Shopify token": (make) => `shpat_${make(HEX, 32)}`,
  "Square token": (make) => `sq0atp-${make(ALNUM, 22)}`,
  "Databricks token": (make) => `dapi${make(HEX, 32)}`,
  "Doppler token": (make) => `dp.pt.${make(ALNUM, 43)}`,
  "Linear key": (make) => `lin_api_${make(ALNUM, 40)}`,
  "Docker Hub token": (make) => `dckr_pat_${make(URL_SAFE, 26)}x`,
  "1Password service account token": (make) => `ops_eyJ${make(ALNUM, 300)}`,
  "Atlassian token": (make) => `ATATT3${make(ALNUM, 186)}`,
  "Notion token": (make) => `ntn_${make(DIGITS, 11)}${make(ALNUM, 35)}`,
  "Hugging Face token": (make) => `hf_${make(LOWER + UPPER, 34)}`,
  "Tailscale key": (make) => `tskey-auth-${make(ALNUM, 16)}-${make(ALNUM, 32)}`,
  "Postman key": (make) => `PMAK-${make(HEX, 24)}-${make(HEX, 34)}`,
  "Dynatrace token": (make) => `dt0c01.${make(UPPER, 24)}.${make(UPPER, 64)}`,
  "Pulumi token": (make) => `pul-${make(HEX, 40)}`,
  "age key": (make) => `AGE-SECRET-KEY-1${make("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)}`,
  "JSON web token": (make) => `eyJ${make(ALNUM, 20)}.eyJ${make(ALNUM, 60)}.${make(URL_SAFE, 42)}x`,
  "bearer token": (make) => `Authorization: Bearer ${make(ALNUM, 38)}7x`,
  "basic authentication": (make) => `Authorization: Basic ${base64(`user:${make(ALNUM, 16)}`)}`,
  "bcrypt hash": (make) => `$2a$10$${make(ALNUM, 53)}`,
  "SHA-512 crypt hash": (make) => `$6$${make(ALNUM, 12)}$${make(ALNUM, 86)}`,
  "private key": (make) => pem(make, "\n"),
  "private key with carriage returns": (make) => pem(make, "\r\n"),
  "SSH private key": (make) => pem(make, "\n", "OPENSSH "),
  "database URL": (make) => `postgres://app:${make(ALNUM, 16)}@db.example.org:5432/app`,
  "URL without a user": (make) => `redis://:${make(ALNUM, 16)}@cache:6379`,
  "URL with a token for the user": (make) => `https://${make(ALNUM, 30)}@git.example.org/x.git`,
  "URL with a slash in its password": (make) => `amqp://app:${make(ALNUM, 8)}/${make(ALNUM, 8)}@mq:5672`,
  "URL with an at sign and a slash in its password": (make) =>
    `mysql://app:${make(ALNUM, 8)}@${make(ALNUM, 4)}/${make(ALNUM, 8)}@db:3306/app`,
  "URL with an at sign in its password": (make) => `mysql://app:${make(ALNUM, 8)}@${make(ALNUM, 8)}@db:3306/app`,
};

/** Files and commands in which the name before a secret tells what it is. */
const ASSIGNMENTS: Readonly<Record<string, (secret: string) => string>> = {
  ".env": (secret) => `HOST=db\nDB_PASSWORD=${secret}\nPORT=1\n`,
  ".env with short names": (secret) => `DB_PASS=${secret}\n`,
  "export of a shell": (secret) => `#!/bin/sh\nexport DB_PASSWORD=${shell(secret)}\nrun\n`,
  "ini file": (secret) => `[db]\npassword = ${secret}\n`,
  "properties file": (secret) => `spring.datasource.password=${secret}\n`,
  TOML: (secret) => `[db]\npwd = ${JSON.stringify(secret)}\n`,
  HCL: (secret) => `resource "x" "y" {\n  master_password     = ${JSON.stringify(secret)}\n}\n`,
  "HCL's heredoc": (secret) => `  private_key = <<-EOT\n    ${secret}\n  EOT\n  a = 1\n`,
  YAML: (secret) => `db:\n  host: x\n  password: ${secret}\n`,
  "YAML in quotes": (secret) => `db:\n  host: x\n  api_token: ${JSON.stringify(secret)}\n`,
  "YAML block": (secret) => `db:\n  clientSecret: |\n    ${secret}\n  host: x\n`,
  "YAML folded": (secret) => `db:\n  clientSecret: >-\n    ${secret}\n  host: x\n`,
  "YAML of a second document": (secret) => `a: 1\n---\nb:\n  passphrase: ${secret}\n`,
  JSON: (secret) => JSON.stringify({ host: "x", adminPassword: secret }),
  "JSON in a sentence": (secret) => `Error: bad body {"secretKey":${JSON.stringify(secret)},"x":1}`,
  "option with an equals sign": (secret) => `run --host x --db-password=${shell(secret)} --port 1`,
  "option with a space": (secret) => `run --password ${shell(secret)} --port 1`,
  "variable before a command": (secret) => `PGPASSWORD=${shell(secret)} psql -h x`,
  "connection string": (secret) => `Server=db;Database=x;User Id=app;Password=${secret};Encrypt=true`,
  "storage connection string": (secret) =>
    `DefaultEndpointsProtocol=https;AccountName=x;AccountKey=${secret};EndpointSuffix=core.windows.net`,
  netrc: (secret) => `machine example.org login app password ${secret}\n`,
  "netrc of several lines": (secret) => `machine example.org\n  login app\n  password ${secret}\n`,
  npmrc: (secret) => `//registry.example.org/:_authToken=${secret}\n`,
  "Docker configuration": (secret) => JSON.stringify({ auths: { "example.org": { auth: base64(`app:${secret}`) } } }),
  kubeconfig: (secret) => `apiVersion: v1\nkind: Config\nusers:\n  - name: x\n    user:\n      token: ${secret}\n`,
  "XML element": (secret) => `<server><password>${xml(secret)}</password></server>`,
  "XML attributes": (secret) => `<add key="DbPassword" value="${xml(secret)}"/>`,
  "query of a URL": (secret) => `https://example.org/x?access_token=${encodeURIComponent(secret)}&page=1`,
  header: (secret) => `X-Api-Key: ${secret}\n`,
  "curl with a user": (secret) => `curl -u app:${secret} https://example.org`,
  "pair of JSON": (secret) => JSON.stringify([{ name: "DB_PASS", value: secret }]),
  "pair of YAML": (secret) => `env:\n  - name: DB_PASSWORD\n    value: ${JSON.stringify(secret)}\n`,
  "pair in a diff": (secret) => `@@ -1 +1 @@\n   - name: DB_PASSWORD\n-    value: x\n+    value: ${secret}\n`,
  "routing key of Alertmanager": (secret) => `receivers:\n  - pagerduty_configs:\n      - routing_key: ${secret}\n`,
  "service key of Alertmanager": (secret) => `receivers:\n  - pagerduty_configs:\n      - service_key: ${secret}\n`,
  "Python's objects": (secret) => `{'host': 'x', 'password': ${secret.includes("'") ? JSON.stringify(secret) : `'${secret}'`}, 'port': 1}`,
  "Go's objects": (secret) => `&{Host:"x" Password:${JSON.stringify(secret)} Port:1}`,
  "Ruby's objects": (secret) => `:password => ${JSON.stringify(secret)}, :port => 1`,
  PowerShell: (secret) => `$env:DB_PASSWORD = ${JSON.stringify(secret)}\n`,
  "line of a log": (secret) => `level=info msg="x" password=${JSON.stringify(secret)} user=app`,
  "ARG of a Dockerfile": (secret) => `FROM x\nENV DB_PASSWORD=${secret}\n`,
  "login of Docker": (secret) => `docker login -u app -p ${shell(secret)} registry.example.org`,
  "connection string of Go": (secret) => `app:${secret}@tcp(db:3306)/app`,
  "JDBC of Oracle": (secret) => `jdbc:oracle:thin:app/${secret}@db:1521/x`,
  "literal of kubectl": (secret) => `kubectl create secret generic x --from-literal=password=${shell(secret)}`,
  "AWS credentials file": (secret) => `[default]\naws_access_key_id = x\naws_secret_access_key = ${secret}\n`,
  LDAP: (secret) => `bindDN: cn=x\nbindPW: ${secret}\n`,
  "role of Vault": (secret) => `role_id: x\nsecret_id: ${secret}\n`,
  "password in quotes in an error": (secret) => `Error: invalid password ${JSON.stringify(secret)} for app`,
};

/** Values of a plan, by where a secret is in them. */
const PLACES: Readonly<Record<string, (secret: string) => Pick<Seed, "values" | "mask" | "type">>> = {
  "masked by Terraform": (secret) => ({ values: { field: secret, x: 1 }, mask: { field: true } }),
  "masked number": (secret) => ({ values: { pin: Number(secret) }, mask: { pin: true } }),
  "telling key of a number": (secret) => ({ values: { db_password: Number(secret) } }),
  "masked as a whole": (secret) => ({ values: { field: secret }, mask: true }),
  "masked within a list": (secret) => ({ values: { list: [{ v: "a" }, { v: secret }] }, mask: { list: [{}, { v: true }] } }),
  "masked map": (secret) => ({ values: { map: { a: secret } }, mask: { map: true } }),
  "telling key": (secret) => ({ values: { master_password: secret } }),
  "telling key that ends in pass": (secret) => ({ values: { smtpPass: secret } }),
  "telling key that ends in PWD": (secret) => ({ values: { MYSQL_PWD: secret } }),
  "telling key over an object": (secret) => ({ values: { secrets: { name: "x", db: secret } } }),
  "telling key over a list": (secret) => ({ values: { tokens: [secret] } }),
  "Secret without a mask": (secret) => ({ type: "kubernetes_secret_v1", values: { data: { any: secret } } }),
  "binary Secret without a mask": (secret) => ({ type: "kubernetes_secret_v1", values: { binary_data: { any: base64(secret) } } }),
  "Secret of the old type": (secret) => ({ type: "kubernetes_secret", values: { data: { any: secret } } }),
  "manifest of a Secret": (secret) => ({ values: { yaml_body: stringify({ kind: "Secret", stringData: { any: secret } }) } }),
  "manifest of a Secret in base64": (secret) => ({ values: { yaml_body: stringify({ kind: "Secret", data: { any: base64(secret) } }) } }),
  "Secret as a second document": (secret) => ({
    values: { values: [`kind: ConfigMap\n---\n${stringify({ kind: "Secret", stringData: { any: secret } })}`] },
  }),
  "Secret in a list": (secret) => ({
    values: { manifest: JSON.stringify({ kind: "List", items: [{ kind: "Secret", data: { any: base64(secret) } }] }) },
  }),
  "name and value": (secret) => ({ values: { env: [{ name: "DB_PASS", value: secret }] } }),
  "Name and Value": (secret) => ({ values: { env: [{ Name: "DB_PASSWORD", Value: secret }] } }),
  "key and value": (secret) => ({ values: { set: [{ key: "grafana.adminPassword", value: secret }] } }),
  "header and value": (secret) => ({ values: { headers: [{ header: "X-Auth-Token", value: secret }] } }),
  "value and name": (secret) => ({ values: { parameter: [{ value: secret, name: "rds.password" }] } }),
  "containers of ECS": (secret) => ({
    values: { container_definitions: JSON.stringify([{ name: "x", environment: [{ name: "API_TOKEN", value: secret }] }]) },
  }),
  "list of variables": (secret) => ({ values: { environment: ["HOST=x", `DB_PASSWORD=${secret}`] } }),
  "arguments of a program": (secret) => ({ values: { args: ["--host", "x", "--password", secret] } }),
  "argument with an equals sign": (secret) => ({ values: { args: [`--db-password=${secret}`] } }),
  "user data in base64": (secret) => ({ values: { user_data: base64(`#!/bin/sh\nexport DB_PASSWORD=${shell(secret)}\n`) } }),
  "cloud-init in base64": (secret) => ({
    values: {
      user_data_base64: base64(`#cloud-config\nwrite_files:\n  - path: /x\n    content: |\n      password: ${JSON.stringify(secret)}\n`),
    },
  }),
  "file in base64 in cloud-init in base64": (secret) => ({
    values: {
      user_data_base64: base64(
        `#cloud-config\n${stringify({ write_files: [{ path: "/x", encoding: "b64", content: base64(`token=${shell(secret)}\n`) }] })}`,
      ),
    },
  }),
  "Alertmanager in Helm values": (secret) => ({
    values: {
      values: [stringify({ alertmanager: { config: { receivers: [{ name: "x", pagerduty_configs: [{ routing_key: secret }] }] } } })],
    },
  }),
};

/** Where a secret that is known turns up again. */
const ECHOES: Readonly<Record<string, (secret: string) => string>> = {
  ...WRITINGS,
  "as the key of an address": (secret) => `module.x.aws_db_instance.y[${JSON.stringify(secret)}]`,
  "as an import's id": (secret) => `app:${secret}`,
  "in an error": (secret) => `Error: master password ${secret} is too short`,
  "folded in YAML": (secret) => stringify({ note: `${"word ".repeat(13)}${secret} and ${secret}` }),
  "folded in quotes of YAML": (secret) =>
    stringify({ note: `"\t${"word ".repeat(8)}${secret} and more` }, { lineWidth: 40, minContentWidth: 0 }),
  "with carriage returns": (secret) => secret.replaceAll("\n", "\r\n"),
  "indented in a diff": (secret) => `@@ -1 +1 @@\n+  ${secret.replaceAll("\n", "\n+  ")}\n`,
  "in a form": (secret) => new URLSearchParams({ a: "x", b: secret }).toString(),
  "in base64 of a credential": (secret) => base64(`user:${secret}`),
  "in gzip in base64": (secret) => gzipSync(`set -e\necho ${secret}\n`).toString("base64"),
  "in a path": (secret) => `values.users.${secret}.role`,
  "between slashes": (secret) => `/x/${secret}/y`,
  "between underscores": (secret) => `x_${secret}_y`,
};

/** Passwords of people and machines. */
const PASSWORDS: Readonly<Record<string, (make: Maker) => string>> = {
  "letters and digits": (make) => `q${make(ALNUM, 15)}7`,
  "signs of URLs": (make) => `q${make(ALNUM, 5)}/${make(ALNUM, 4)}@${make(ALNUM, 3)}+${make(ALNUM, 3)}=7`,
  quotes: (make) => `q${make(ALNUM, 5)}"${make(ALNUM, 4)}'${make(ALNUM, 3)}\\${make(ALNUM, 4)}7`,
  "signs of markup": (make) => `q${make(ALNUM, 6)}<${make(ALNUM, 4)}&${make(ALNUM, 3)}>${make(ALNUM, 3)}7`,
  "signs of shells": (make) => `q${make(ALNUM, 6)}$${make(ALNUM, 4)}!${make(ALNUM, 3)}%${make(ALNUM, 3)}~7`,
  "other scripts": (make) => `пароль${make(ALNUM, 6)}ключ密碼`,
};

/** For values whose place is known: also what no file holds without quotes. */
const VALUES: typeof PASSWORDS = {
  ...PASSWORDS,
  short: (make) => `h${make(LOWER, 4)}${make(DIGITS, 2)}`,
  "several words": (make) => `${make(LOWER, 6)} ${make(LOWER, 7)} ${make(LOWER, 5)} ${make(LOWER, 8)}`,
  "several lines": (make) => `${make(ALNUM, 24)}\n${make(ALNUM, 24)}\n`,
  "a private key": (make) => pem(make, "\n"),
  digits: (make) => make("123456789", 8),
};

/** Makes a text of so many of the given characters. */
export type Maker = (characters: string, length: number) => string;

/** Every form in every way of writing it. */
export function seeds(choose: Choose): readonly Seed[] {
  const make: Maker = (characters, length) => Array.from({ length }, () => characters.charAt(choose(characters.length))).join("");
  return [...tokens(make), ...assignments(make), ...lines(make), ...places(make)];
}

function lines(make: Maker): readonly Seed[] {
  return snippets("").map((_, index): Seed => {
    const secret = `X${make(ALNUM, 11)}7`;
    const text = snippets(secret)[index] ?? "";
    return { what: `line ${index}: ${text}`, texts: [text], secrets: [secret] };
  });
}

function tokens(make: Maker): readonly Seed[] {
  return Object.entries(TOKENS).flatMap(([form, token]) =>
    Object.entries(WRITINGS).map(([writing, write]): Seed => {
      const text = token(make);
      return { what: `${form}, ${writing}`, texts: [write(text)], secrets: [core(text)] };
    }),
  );
}

function assignments(make: Maker): readonly Seed[] {
  return Object.entries(ASSIGNMENTS).flatMap(([form, assign]) =>
    Object.entries(PASSWORDS)
      .filter(([kind]) => !isBroken(form, kind))
      .flatMap(([kind, password]) =>
        ["as it is", "in JSON", "in base64", "in base64, two bytes on", "in JSON in JSON"].map((writing): Seed => {
          const secret = password(make);
          const written = WRITINGS[writing]?.(assign(secret)) ?? "";
          return { what: `${form} with ${kind}, ${writing}`, texts: [written], secrets: [secret] };
        }),
      ),
  );
}

/** No program could read such a file: it would need quotes, or another encoding. */
function isBroken(form: string, kind: string): boolean {
  const bare =
    /^(\.env|ini|properties|YAML$|YAML of|connection|storage|netrc|npmrc|kubeconfig|header|curl|pair in|routing|service|role|ARG|AWS|LDAP|login|JDBC|connection|literal)/;
  return (
    (bare.test(form) && /quotes|markup|shells/.test(kind)) ||
    (/^(curl with|login|JDBC|connection string of Go|literal)/.test(form) && kind !== "letters and digits")
  );
}

function places(make: Maker): readonly Seed[] {
  return Object.entries(PLACES).flatMap(([form, place]) =>
    Object.entries(VALUES)
      .filter(([kind]) => !/variables|argument|user data|file in/.test(form) || !/lines|private/.test(kind))
      .filter(([kind]) => !form.includes("number") || kind === "digits")
      .map(([kind, value]): Seed => {
        const secret = value(make);
        return {
          what: `${form}, ${kind}`,
          ...place(secret),
          texts: Object.values(ECHOES).map((echo) => echo(secret)),
          secrets: linesOf(secret),
        };
      }),
  );
}

/** Which texts of a seed still give its secrets away once they are redacted. */
export function shown({ values, mask, type = "", texts, secrets: seeded }: Seed): readonly string[] {
  const secrets = new Secrets();
  if (values !== undefined) collectResource(secrets, type, values, mask);
  const written = texts.map((text) => secrets.redactProse(text));
  if (values !== undefined) written.push(secrets.redact(JSON.stringify(withoutSecrets(values))));
  const given = seeded.flatMap(traces);
  return written.filter((text) => given.some((trace) => text.includes(trace)));
}

/** The forms in which a text gives a secret away to a reader, or to a reader with one tool. */
export function traces(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const shifted = [0, 1, 2].map((by) =>
    Buffer.concat([Buffer.alloc(by), bytes])
      .toString("base64")
      .slice(Math.ceil((by * 8) / 6), Math.floor(((by + bytes.length) * 8) / 6)),
  );
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1),
    goJson(secret).slice(1, -1),
    encodeURIComponent(secret),
    xml(secret),
    bytes.toString("hex"),
    ...shifted,
    ...shifted.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
    // A part of it is too much, too.
    ...secret.split(/[^A-Za-z0-9]+/).filter((part) => part.length >= 5),
  ].filter((trace) => trace.length >= 4);
}

function core(text: string): string {
  const [, password] =
    /^(?:Authorization: \w+ |[a-z]+:\/\/(?:app)?:?(?=[^/]*@|.*@mq)|https:\/\/(?:discord|hooks).*\/|https.*sig=)(.*?)(?:@(?:db|cache|git|mq|o123).*|%3D)?$/s.exec(
      text,
    ) ?? [];
  return password ?? linesOf(text)[0] ?? text;
}

/** The lines that say something; a private key's first line does not. */
function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim().length > 3 && !line.startsWith("-----"));
  return lines.length > 0 ? lines : [text];
}

function pem(make: Maker, newline: string, kind = "RSA "): string {
  const lines = Array.from({ length: 6 }, () => make(ALNUM, 64));
  const [begin, end] = ["BEGIN", "END"].map((word) => `-----${word} ${kind}PRIVATE KEY-----`);
  return [begin, ...lines, end, ""].join(newline);
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function broken(text: string): string {
  return text.replace(/.{76}/g, "$&\n");
}

function xml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function shell(text: string): string {
  return /^[A-Za-z0-9]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Go's JSON encodes the signs of markup. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
}
