"use strict";
// Answers `aws eks get-token` in a rehearsal: a token that only the rehearsal's own API accepts.
const { Buffer } = require("node:buffer");
const { createHmac } = require("node:crypto");
const { readFileSync } = require("node:fs");

const [secretFile, ...args] = process.argv.slice(2);
const option = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
const cluster = option("--cluster-name");
if (args[0] !== "eks" || args[1] !== "get-token" || cluster === undefined) {
  process.stderr.write(`A rehearsal answers only: aws eks get-token --cluster-name <name>; not: aws ${args.join(" ")}\n`);
  process.exit(2);
}
const payload = Buffer.from(JSON.stringify({ cluster, role: option("--role-arn") })).toString("base64url");
const signature = createHmac("sha256", readFileSync(secretFile, "utf8")).update(payload).digest("hex");
const apiVersion = process.env.KUBERNETES_EXEC_INFO
  ? JSON.parse(process.env.KUBERNETES_EXEC_INFO).apiVersion
  : "client.authentication.k8s.io/v1beta1";
process.stdout.write(
  JSON.stringify({
    kind: "ExecCredential",
    apiVersion,
    spec: {},
    status: { expirationTimestamp: new Date(Date.now() + 14 * 60_000).toISOString(), token: `k8s-aws-v1.${payload}.${signature}` },
  }),
);
