import { describe, expect, it } from "vitest";
import declaration from "../../fleet";
import { WILDCARD_REASONS } from "../../constructs/policy";
import { resolved } from "../support/fleets";
import { synthesized } from "../support/synth";

const everything = { colours: { blue: { kubernetes: "1.35", weight: 50 }, green: { kubernetes: "1.36", weight: 50 } }, served: "blue" };
const fleet = synthesized(resolved(declaration, { production: everything, staging: everything, playground: everything }));
const resources = fleet.stacks.flatMap((stack) => stack.resources);
const ofType = (type: string) => resources.filter((resource) => resource.type === type);

interface RenderedStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action?: readonly string[];
  readonly NotAction?: readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const statements = resources.flatMap(({ constructPath, arguments: args }) =>
  ["policy", "assume_role_policy"].flatMap((key) => {
    const text = args[key];
    return typeof text === "string" && text.startsWith("{")
      ? (JSON.parse(text) as { Statement: RenderedStatement[] }).Statement.map((statement) => ({ constructPath, statement }))
      : [];
  }),
);

describe("every version is exact", () => {
  it("of providers", () => {
    const versions = fleet.stacks.flatMap(({ json }) =>
      Object.values(json.terraform?.required_providers ?? {}).map(({ version }) => version),
    );
    expect(versions.length).toBeGreaterThan(0);
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it("of add-ons, node images and Kubernetes", () => {
    expect(ofType("aws_eks_addon").length).toBeGreaterThan(0);
    for (const { arguments: args } of ofType("aws_eks_addon")) expect(args["addon_version"]).toMatch(/^v\d+\.\d+\.\d+-eksbuild\.\d+$/);
    for (const { arguments: args } of ofType("aws_eks_node_group")) expect(args["release_version"]).toMatch(/^\d+\.\d+\.\d+-\d{8}$/);
    for (const { arguments: args } of ofType("aws_eks_cluster")) expect(args["version"]).toMatch(/^1\.\d+$/);
  });
});

describe("nothing is open to the world", () => {
  it("except the load balancer's two ports where the fleet names 0.0.0.0/0", () => {
    const open = ofType("aws_vpc_security_group_ingress_rule").filter(
      ({ arguments: args }) => args["cidr_ipv4"] === "0.0.0.0/0" || args["cidr_ipv6"] !== undefined,
    );
    expect(open.map(({ constructPath, arguments: args }) => [constructPath, args["from_port"]])).toEqual([
      ["production-traffic/load-balancer/http-from-0", 80],
      ["production-traffic/load-balancer/https-from-0", 443],
    ]);
  });

  it("in no inline rule, because there is none", () => {
    for (const { arguments: args } of [...ofType("aws_security_group"), ...ofType("aws_default_security_group")]) {
      expect(args["ingress"]).toBeUndefined();
      expect(args["egress"]).toBeUndefined();
    }
  });

  it("in no Kubernetes API", () => {
    for (const { arguments: args } of ofType("aws_eks_cluster")) expect(JSON.stringify(args["vpc_config"])).not.toContain("0.0.0.0/0");
  });

  it("in no bucket", () => {
    const buckets = ofType("aws_s3_bucket").length;
    expect(buckets).toBeGreaterThan(0);
    const blocked = ofType("aws_s3_bucket_public_access_block").filter(({ arguments: args }) =>
      ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"].every((key) => args[key] === true),
    );
    expect(blocked.length).toBe(buckets);
    const tlsOnly = ofType("aws_s3_bucket_policy").filter(({ arguments: args }) =>
      String(args["policy"]).includes(`"aws:SecureTransport":"false"`),
    );
    expect(tlsOnly.length).toBe(buckets);
  });

  it("in no resource policy: a principal of everyone is denied, or confined to one account", () => {
    const anyone = statements.filter(({ statement }) =>
      ["*", `{"AWS":"*"}`].includes(typeof statement.Principal === "string" ? statement.Principal : JSON.stringify(statement.Principal)),
    );
    expect(anyone.length).toBeGreaterThan(0);
    const unconfined = anyone.filter(
      ({ statement }) => statement.Effect !== "Deny" && statement.Condition?.["StringEquals"]?.["kms:CallerAccount"] === undefined,
    );
    expect(unconfined).toEqual([]);
  });
});

describe("policies grant the least", () => {
  it("with no action of *", () => {
    expect(statements.length).toBeGreaterThan(50);
    expect(statements.filter(({ statement }) => (statement.Action ?? []).includes("*"))).toEqual([]);
  });

  it("with no * resource that lacks a written reason", () => {
    const wide = statements.filter(
      ({ statement }) => statement.Resource === "*" || (Array.isArray(statement.Resource) && statement.Resource.includes("*")),
    );
    expect(wide.length).toBeGreaterThan(0);
    const unexplained = wide.filter(({ statement }) => !Object.hasOwn(WILDCARD_REASONS, (statement.Sid ?? "").replace(/\d+$/, "")));
    expect(unexplained).toEqual([]);
  });

  it("with every role but those of CI inside the boundary", () => {
    const unbounded = ofType("aws_iam_role").filter(({ arguments: args }) => args["permissions_boundary"] === undefined);
    expect(unbounded.map(({ arguments: args }) => args["name"])).toEqual(["acme-deploy", "acme-plan"]);
  });

  it("with CI's roles bound to the repository, and to workflow files of the deploying branch", () => {
    const trust = (name: string): Readonly<Record<string, Readonly<Record<string, unknown>>>> => {
      const role = ofType("aws_iam_role").find(({ arguments: args }) => args["name"] === name);
      const { Statement: found } = JSON.parse(String(role?.arguments["assume_role_policy"])) as {
        Statement: { Condition: Readonly<Record<string, Readonly<Record<string, unknown>>>> }[];
      };
      return found[0]?.Condition ?? {};
    };
    const claim = (name: string): string => `token.actions.githubusercontent.com:${name}`;
    const from = (file: string): string => `acme/platform/.github/workflows/${file}@refs/heads/main`;
    for (const role of ["acme-plan", "acme-deploy"]) {
      expect(trust(role)["StringEquals"]?.[claim("repository")]).toBe("acme/platform");
      expect(trust(role)["StringLike"]?.[claim("sub")]).toEqual([
        "repo:acme/platform:ref:refs/heads/main",
        "repo:acme@*/platform@*:ref:refs/heads/main",
      ]);
    }
    expect(trust("acme-plan")["StringEquals"]?.[claim("job_workflow_ref")]).toEqual([from("plan.yml"), from("drift.yml")]);
    expect(trust("acme-deploy")["StringEquals"]?.[claim("job_workflow_ref")]).toEqual([from("deploy-stacks.yml")]);
  });

  it("with the key of reviews for nobody but the roles that plan and deploy", () => {
    const key = ofType("aws_kms_key").find(({ arguments: args }) => args["key_usage"] === "GENERATE_VERIFY_MAC");
    const { Statement: found } = JSON.parse(String(key?.arguments["policy"])) as { Statement: object[] };
    expect(found).toContainEqual(
      expect.objectContaining({
        Effect: "Deny",
        Action: ["kms:GenerateMac", "kms:VerifyMac"],
        Condition: {
          ArnNotEquals: { "aws:PrincipalArn": ["arn:aws:iam::111122223333:role/acme-plan", "arn:aws:iam::111122223333:role/acme-deploy"] },
        },
      }),
    );
  });
});

describe("nodes", () => {
  it("encrypt their disks, require IMDSv2 with one hop, and hold no SSH key", () => {
    expect(ofType("aws_launch_template").length).toBeGreaterThan(0);
    for (const { arguments: args } of ofType("aws_launch_template")) {
      expect(args["metadata_options"]).toMatchObject({ http_tokens: "required", http_put_response_hop_limit: 1 });
      expect(args["key_name"]).toBeUndefined();
      for (const mapping of args["block_device_mappings"] as { ebs: { encrypted: string; volume_type: string } }[])
        expect(mapping.ebs).toMatchObject({ encrypted: "true", volume_type: "gp3" });
    }
    for (const { arguments: args } of ofType("aws_eks_node_group")) expect(args["remote_access"]).toBeUndefined();
  });
});

it("tags every taggable resource with the construct that made it", () => {
  const untagged = resources.filter(({ arguments: args }) => args["tags"] === undefined).map(({ type }) => type);
  // Types that AWS cannot tag, or that are no AWS resources.
  expect([...new Set(untagged)].sort()).toEqual([
    "aws_acm_certificate_validation",
    "aws_eks_access_policy_association",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_kms_alias",
    "aws_route",
    "aws_route53_record",
    "aws_route_table_association",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_sns_topic_policy",
    "aws_sns_topic_subscription",
    "helm_release",
    "kubernetes_namespace_v1",
  ]);
});
