import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { collectResource } from "../../preview/redaction/plan";
import { Secrets } from "../../preview/redaction/secrets";
import { collectSecrets, embedded, withoutSecrets } from "../../preview/redaction/structure";

/**
 * Redacts what holds no secret: the example fleet's programs and values, whole and in parts, and lines that only look like
 * secrets.
 * @param folder the golden files
 * @returns how many texts and values there are, and those that do not stay as they are
 */
export function harmless(folder: string): { readonly count: number; readonly hidden: readonly string[] } {
  const secrets = new Secrets();
  const texts = new Set<string>(HARMLESS);
  const values: unknown[] = HARMLESS.map((text) => embedded(text) ?? text);
  for (const value of values) collectSecrets(secrets, value, undefined);
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"))) {
    const text = readFileSync(join(folder, file), "utf8");
    for (const part of [text, ...text.split("\n"), ...textsIn(JSON.parse(text))]) texts.add(part);
    for (const [type, value] of resourcesOf(JSON.parse(text))) {
      collectResource(secrets, type, value, undefined);
      values.push(value);
    }
  }
  const changed = values
    .map((value) => JSON.stringify(value))
    .filter((text, index) => JSON.stringify(withoutSecrets(values[index])) !== text);
  const hidden = [...texts].filter((text) => secrets.redactProse(text) !== text);
  return { count: texts.size + values.length, hidden: [...changed, ...hidden] };
}

/** Resources of a program; the values of a release are one. */
function resourcesOf(value: unknown): readonly (readonly [type: string, value: unknown])[] {
  const { resource } = value as { readonly resource?: Readonly<Record<string, object>> };
  if (!resource) return [["", value]];
  return Object.entries(resource).flatMap(([type, byName]) => Object.values(byName).map((one: unknown) => [type, one] as const));
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.entries(value).flatMap(([key, inner]) => [key, ...textsIn(inner)]) : [];
}

/** What only looks like a secret, or names one; every line must stay as it is. */
const HARMLESS: readonly string[] = [
  "secretName: grafana-login",
  "existingSecret: grafana-admin",
  "existingSecretPasswordKey: admin-password",
  "secretRef: {name: app}",
  "secretKeyRef:\n  name: app\n  key: password\n",
  "imagePullSecrets:\n  - name: registry\n",
  "passwordKey: admin-password",
  "userKey: admin-user",
  "tokenPath: /var/run/secrets/kubernetes.io/serviceaccount/token",
  "token_path: /var/run/secrets/token",
  "password_file: /run/secrets/db",
  "automountServiceAccountToken: false",
  "http_tokens: required",
  'http_tokens = "required"',
  "http_put_response_hop_limit = 1",
  "useSecret: true",
  "credentials.useSecret=false",
  "auth.enabled: true",
  "auth:\n  enabled: true\n",
  "manage_master_user_password = true",
  "password: null",
  'password = ""',
  "password: ${random_password.db.result}",
  'token = "${data.aws_eks_cluster_auth.main.token}"',
  "password: $(DB_PASSWORD)",
  "password: $DB_PASSWORD",
  "password: {{ .Values.password }}",
  "kms_key_id: 1234abcd-12ab-34cd-56ef-1234567890ab",
  "kms_master_key_id = alias/drydock",
  "secret_arn: arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/db-a1b2c3",
  "master_user_secret: arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/db-a1b2c3",
  "arn:aws:iam::111122223333:role/drydock/secret-reader",
  "secretsmanager:GetSecretValue",
  "eks-auth:AssumeRoleForPodIdentity",
  "image: docker.io/grafana/grafana@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
  "digest: sha256:fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210",
  "checksum/config: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  `"integrity": "sha512-${"Ab1+".repeat(21)}Ab=="`,
  "commit 049c9a91bd4f6b9d5b3d0f2b5f7c6a1e2d3c4b5a",
  "account 111122223333, vpc-0a1b2c3d4e5f67890, subnet-0123456789abcdef0, sg-0fedcba9876543210",
  "Z2FDTNDATAQYW2 E1ABCDEFGHIJKL",
  "https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B716D3041E",
  "https://github.com/acme/platform/blob/main/@types/x.ts",
  "https://example.org:8443/x?mail=ops@example.org",
  "git::https://git@example.org/acme/platform.git?ref=v1",
  "ssh://git@github.com/acme/platform.git",
  "postgres://app@db.example.org:5432/app",
  "ops@example.org",
  "oci://registry.example.org/charts/app:1.2.3",
  `-----BEGIN CERTIFICATE-----\n${"MIIDazCCAlOgAwIBAgIUQ".repeat(3)}\n-----END CERTIFICATE-----\n`,
  `certificate_authority: ${Buffer.from("-----BEGIN CERTIFICATE-----\nMIIDazCCAlOgAwIBAgIUQ\n-----END CERTIFICATE-----\n").toString("base64")}`,
  "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYI\n-----END PUBLIC KEY-----\n",
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExample ops@example.org",
  'Error: secret "grafana-login" not found in namespace monitoring',
  "Error: the token has expired, log in again",
  "The password policy requires 14 characters.",
  "Basic authentication is off; bearer authentication is on.",
  "aws_secretsmanager_secret.db will be created",
  'module.secrets.kubernetes_secret_v1.app["grafana"]',
  "passthrough: true",
  "pass_through_headers: x",
  "bypass: never",
  "compass: north",
  "partition_key: id",
  "topologyKey: kubernetes.io/hostname",
  "key: node-role.kubernetes.io/control-plane",
  "publicKey: /etc/ssl/public.pem",
  "tokenTTL: 15m",
  "token_ttl = 3600s",
  "secretRotationDays: 90",
  "rotate_credentials: true",
  "secrets-store.csi.k8s.io/v1",
  "external-secrets.io/v1beta1",
  "apiKeyRef: {name: x}",
  "name: API_TOKEN\nvalueFrom:\n  secretKeyRef:\n    name: app\n    key: token\n",
  "nodeadm init --config-source imds://user-data",
  Buffer.from("#!/bin/sh\nset -e\nexec /usr/bin/nodeadm init --config-source imds://user-data\n").toString("base64"),
  "TLS_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  "ELBSecurityPolicy-TLS13-1-2-2021-06",
  "sk-learn-model-of-a-house-price",
  "c3RyaW5nIG9mIGEgdGVzdA==",
  "10.0.0.0/16 fd00:1234:5678::/48 1.36.2-eksbuild.3 v1.11.4",
];
