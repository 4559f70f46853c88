import { createHmac, randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { elements, isObject, textOf, type ObjectValue } from "../provider/values";
import type { World } from "../world";
import type { KubeClient } from "./kube-client";
import type { KubeObject } from "./kube-objects";

/** Group of the role that deploys; see the access entries of a cluster. */
const DEPLOY_GROUP = "drydock:deploy";
const ADMIN_POLICY = "AmazonEKSClusterAdminPolicy";

/** A user as the API knows it. */
export interface Identity {
  readonly username: string;
  readonly groups: readonly string[];
}

/**
 * Whom EKS takes a caller for: the access entry of its role on that cluster, or nobody.
 * @param role ARN of an assumed role; the one that deploys when left out, else an administrator, as a person would be
 */
export function identityOf(world: World, cluster: string, role: string | undefined): Identity | undefined {
  const entries = world.ofType("aws_eks_access_entry").filter((entry) => entry.attributes["cluster_name"] === cluster);
  const groupsOf = (attributes: ObjectValue): readonly string[] => elements(attributes["kubernetes_groups"]).map(textOf);
  const entry =
    role === undefined
      ? (entries.find(({ attributes }) => groupsOf(attributes).includes(DEPLOY_GROUP)) ??
        entries.find(({ attributes }) => isAdmin(world, cluster, textOf(attributes["principal_arn"]))))
      : entries.find(({ attributes }) => attributes["principal_arn"] === role);
  if (!entry) return undefined;
  const principal = textOf(entry.attributes["principal_arn"]);
  return { username: textOf(entry.attributes["user_name"]) || principal, groups: groupsOf(entry.attributes) };
}

function isAdmin(world: World, cluster: string, principal: string): boolean {
  return world
    .ofType("aws_eks_access_policy_association")
    .some(
      ({ attributes }) =>
        attributes["cluster_name"] === cluster &&
        attributes["principal_arn"] === principal &&
        textOf(attributes["policy_arn"]).endsWith(`/${ADMIN_POLICY}`),
    );
}

const ROLE_LABEL = { "drydock.dev/rehearsal": "access" };

/** What each access policy of EKS means in roles that every cluster has; the last one is made here. */
const POLICY_ROLES: Readonly<Record<string, string>> = {
  AmazonEKSClusterAdminPolicy: "cluster-admin",
  AmazonEKSAdminPolicy: "admin",
  AmazonEKSEditPolicy: "edit",
  AmazonEKSViewPolicy: "view",
  AmazonEKSAdminViewPolicy: "eks-admin-view",
};

/** Makes an access policy a real right: a binding of what the policy means. */
export async function bindAccess(client: KubeClient, association: ObjectValue): Promise<void> {
  await client.apply(ADMIN_VIEW);
  for (const binding of bindingsOf(association)) await client.apply(binding);
}

/** Takes the right of an association away. */
export async function unbindAccess(client: KubeClient, association: ObjectValue): Promise<void> {
  for (const binding of bindingsOf(association)) await client.delete(binding);
}

const ADMIN_VIEW: KubeObject = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name: "eks-admin-view", labels: ROLE_LABEL },
  rules: [
    { apiGroups: ["*"], resources: ["*"], verbs: ["get", "list", "watch"] },
    { nonResourceURLs: ["*"], verbs: ["get"] },
  ],
};

function bindingsOf(attributes: ObjectValue): readonly KubeObject[] {
  const policy = textOf(attributes["policy_arn"]).split("/").at(-1) ?? "";
  const role = POLICY_ROLES[policy];
  if (role === undefined) throw new Error(`The rehearsal does not know what the access policy ${policy} allows.`);
  const principal = textOf(attributes["principal_arn"]);
  const [scope] = elements(attributes["access_scope"]).filter(isObject);
  const binding = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: principal }],
  };
  const name = `eks:${policy}:${principal.replaceAll("/", ":")}`;
  if (scope?.["type"] === "namespace")
    return elements(scope["namespaces"]).map((namespace) => ({
      ...binding,
      kind: "RoleBinding",
      metadata: { name, namespace: textOf(namespace), labels: ROLE_LABEL },
    }));
  return [{ ...binding, kind: "ClusterRoleBinding", metadata: { name, labels: ROLE_LABEL } }];
}

/** Answers who a token belongs to, as EKS does; and an `aws` on PATH that gives such tokens out. */
export class Authenticator {
  private constructor(
    private readonly world: World,
    private readonly secret: string,
    private readonly server: Server,
    /** Folder with `aws`, to be put on PATH. */
    readonly path: string,
  ) {}

  /** @param folder gets the `aws` that answers `eks get-token` */
  static async start(root: string, folder: string, world: World): Promise<Authenticator> {
    const secret = randomBytes(32).toString("hex");
    const path = join(folder, "bin");
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "secret"), secret, { mode: 0o600 });
    const shim = join(path, "aws");
    writeFileSync(shim, `#!/bin/sh\nexec "${process.execPath}" "${join(root, "bin", "eks-token.cjs")}" "${join(path, "secret")}" "$@"\n`);
    chmodSync(shim, 0o755);
    const server = createServer();
    const authenticator = new Authenticator(world, secret, server, path);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const review = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { readonly spec: { readonly token: string } };
        const cluster = decodeURIComponent(new URL(request.url ?? "", "http://localhost").pathname.slice(1));
        const user = authenticator.identify(review.spec.token, cluster);
        response.setHeader("content-type", "application/json");
        response.end(
          JSON.stringify({
            apiVersion: "authentication.k8s.io/v1",
            kind: "TokenReview",
            status: user === undefined ? { authenticated: false } : { authenticated: true, user },
          }),
        );
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    server.unref();
    return authenticator;
  }

  /** Address that the API of a cluster asks. */
  addressFor(cluster: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${encodeURIComponent(cluster)}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private identify(token: string, cluster: string): Identity | undefined {
    const [, payload = "", signature] = /^k8s-aws-v1\.([\w-]+)\.(\w+)$/.exec(token) ?? [];
    if (signature !== createHmac("sha256", this.secret).update(payload).digest("hex")) return undefined;
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as { readonly cluster: string; readonly role?: string };
    return claims.cluster === cluster ? identityOf(this.world, cluster, claims.role) : undefined;
  }
}
