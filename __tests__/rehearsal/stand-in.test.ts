import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TerraformFixture, type Resources } from "../support/terraform";

let terraform: TerraformFixture;

beforeEach(async () => {
  terraform = await TerraformFixture.open();
});

afterEach(() => {
  terraform.close();
});

const network: Resources = {
  aws_vpc: { main: { cidr_block: "10.0.0.0/16" } },
  aws_subnet: {
    a: { vpc_id: "${aws_vpc.main.id}", cidr_block: "10.0.0.0/24", availability_zone: "eu-west-1a" },
    b: { vpc_id: "${aws_vpc.main.id}", cidr_block: "10.0.1.0/24", availability_zone: "eu-west-1b" },
  },
};

const cluster = (overrides: object = {}): Resources => ({
  ...network,
  aws_iam_role: { eks: { name: "eks", assume_role_policy: "{}" } },
  aws_eks_cluster: {
    main: {
      name: "main",
      version: "1.35",
      role_arn: "${aws_iam_role.eks.arn}",
      vpc_config: { subnet_ids: ["${aws_subnet.a.id}", "${aws_subnet.b.id}"] },
      ...overrides,
    },
  },
});

const nodeGroup = (overrides: object = {}): Resources => ({
  ...cluster(),
  aws_launch_template: { nodes: { name: "nodes", metadata_options: { http_tokens: "required" } } },
  aws_eks_node_group: {
    main: {
      cluster_name: "${aws_eks_cluster.main.name}",
      node_group_name: "main",
      node_role_arn: "${aws_iam_role.eks.arn}",
      subnet_ids: ["${aws_subnet.a.id}"],
      instance_types: ["m5.large", "m5a.large"],
      scaling_config: { min_size: 1, max_size: 2, desired_size: 1 },
      launch_template: { id: "${aws_launch_template.nodes.id}", version: "${aws_launch_template.nodes.latest_version}" },
      ...overrides,
    },
  },
});

const launchTemplate = (resources: Resources, overrides: object): Resources => ({
  ...resources,
  aws_launch_template: { nodes: { name: "nodes", metadata_options: { http_tokens: "required" }, ...overrides } },
});

async function emptyPlan(): Promise<void> {
  const { exitCode, output } = await terraform.terraform("plan", "-detailed-exitcode");
  expect(exitCode, output).toBe(0);
}

describe("what is applied plans empty afterwards", () => {
  it.each([
    ["a network", network],
    ["a cluster with what EKS fills in", cluster()],
    [
      "a cluster that configures its access",
      cluster({ access_config: { authentication_mode: "API", bootstrap_cluster_creator_admin_permissions: false } }),
    ],
    ["a node group", nodeGroup()],
    [
      "a group with taints in any order",
      nodeGroup({
        taint: [
          { key: "b", effect: "NO_SCHEDULE" },
          { key: "a", value: "x", effect: "NO_EXECUTE" },
        ],
      }),
    ],
    [
      "a target group",
      {
        ...network,
        aws_lb_target_group: {
          main: {
            name: "main",
            port: 80,
            protocol: "HTTP",
            target_type: "ip",
            vpc_id: "${aws_vpc.main.id}",
            health_check: { path: "/ping" },
          },
        },
      },
    ],
    [
      "a flow log",
      {
        ...network,
        aws_iam_role: { logs: { name: "logs", assume_role_policy: "{}" } },
        aws_cloudwatch_log_group: { main: { name: "main" } },
        aws_flow_log: {
          main: {
            vpc_id: "${aws_vpc.main.id}",
            traffic_type: "REJECT",
            log_destination: "${aws_cloudwatch_log_group.main.arn}",
            iam_role_arn: "${aws_iam_role.logs.arn}",
          },
        },
      },
    ],
  ] satisfies [string, Resources][])("%s", async (_what, resources) => {
    await terraform.apply(resources);
    await emptyPlan();
  });
});

describe("a change is what the provider makes of it", () => {
  const after = async (before: Resources, next: Resources) => {
    await terraform.apply(before);
    return (await terraform.plan(next)).kinds;
  };

  it("instance types replace a node group, even when only their order changes", async () => {
    expect((await after(nodeGroup(), nodeGroup({ instance_types: ["m5a.large", "m5.large"] })))["aws_eks_node_group.main"]).toBe("replace");
  });

  it("a size updates it", async () => {
    expect(
      (await after(nodeGroup(), nodeGroup({ scaling_config: { min_size: 1, max_size: 5, desired_size: 1 } })))["aws_eks_node_group.main"],
    ).toBe("update");
  });

  it("subnets in another order change nothing", async () => {
    const reordered = cluster({ vpc_config: { subnet_ids: ["${aws_subnet.b.id}", "${aws_subnet.a.id}"] } });
    expect((await after(cluster(), reordered))["aws_eks_cluster.main"]).toBe("no-op");
  });

  it("a launch template counts its versions, and the group follows", async () => {
    const changed = launchTemplate(nodeGroup(), { metadata_options: { http_tokens: "optional" } });
    expect(await after(nodeGroup(), changed)).toMatchObject({ "aws_launch_template.nodes": "update", "aws_eks_node_group.main": "update" });
    await terraform.apply(changed);
    expect((await terraform.state("aws_launch_template.nodes"))["latest_version"]).toBe(2);
    expect((await terraform.state("aws_eks_node_group.main"))["launch_template"]).toMatchObject([{ version: "2" }]);
  });

  it("a minor updates a cluster in place", async () => {
    expect((await after(cluster(), cluster({ version: "1.36" })))["aws_eks_cluster.main"]).toBe("update");
  });

  it("an access config without its bootstrap right, added later, keeps the cluster's", async () => {
    const replaced = await after(
      cluster(),
      cluster({ access_config: { authentication_mode: "API", bootstrap_cluster_creator_admin_permissions: false } }),
    );
    expect(replaced["aws_eks_cluster.main"]).toBe("replace");
  });

  it("a subnet's range replaces it and what stands in it, and names the path", async () => {
    await terraform.apply(network);
    const { json, kinds } = await terraform.plan({
      ...network,
      aws_subnet: {
        ...network["aws_subnet"],
        a: { vpc_id: "${aws_vpc.main.id}", cidr_block: "10.0.9.0/24", availability_zone: "eu-west-1a" },
      },
    });
    expect(kinds["aws_subnet.a"]).toBe("replace");
    const change = json.resource_changes?.find(({ address }) => address === "aws_subnet.a");
    expect(change?.change.replace_paths).toEqual([["cidr_block"]]);
    expect(change?.action_reason).toBe("replace_because_cannot_update");
    expect(change?.change.after_unknown).toMatchObject({ arn: true, id: true, owner_id: true });
  });

  it("a security group rule changes in place, its group's description replaces the group", async () => {
    const rules = (description: string, port: number): Resources => ({
      ...network,
      aws_security_group: { main: { name: "main", description, vpc_id: "${aws_vpc.main.id}" } },
      aws_vpc_security_group_ingress_rule: {
        https: {
          security_group_id: "${aws_security_group.main.id}",
          ip_protocol: "tcp",
          from_port: port,
          to_port: port,
          cidr_ipv4: "10.0.0.0/8",
        },
      },
    });
    await terraform.apply(rules("one", 443));
    expect((await terraform.plan(rules("one", 8443))).kinds).toMatchObject({
      "aws_security_group.main": "no-op",
      "aws_vpc_security_group_ingress_rule.https": "update",
    });
    expect((await terraform.plan(rules("two", 443))).kinds["aws_security_group.main"]).toBe("replace");
  });

  it("a rule's source changes in place, its kind replaces the rule", async () => {
    const rule = (source: object): Resources => ({
      ...network,
      aws_security_group: { main: { name: "main", vpc_id: "${aws_vpc.main.id}" }, other: { name: "other", vpc_id: "${aws_vpc.main.id}" } },
      aws_vpc_security_group_ingress_rule: {
        one: { security_group_id: "${aws_security_group.main.id}", ip_protocol: "tcp", from_port: 1, to_port: 1, ...source },
      },
    });
    await terraform.apply(rule({ cidr_ipv4: "10.0.0.0/8" }));
    expect((await terraform.plan(rule({ cidr_ipv4: "10.0.0.0/16" }))).kinds["aws_vpc_security_group_ingress_rule.one"]).toBe("update");
    expect(
      (await terraform.plan(rule({ referenced_security_group_id: "${aws_security_group.other.id}" }))).kinds[
        "aws_vpc_security_group_ingress_rule.one"
      ],
    ).toBe("replace");
  });

  it("tenancy replaces a VPC, except from dedicated to default", async () => {
    const vpc = (instance_tenancy: string): Resources => ({ aws_vpc: { main: { cidr_block: "10.0.0.0/16", instance_tenancy } } });
    expect((await after(vpc("default"), vpc("dedicated")))["aws_vpc.main"]).toBe("replace");
    expect((await after(vpc("dedicated"), vpc("default")))["aws_vpc.main"]).toBe("update");
  });

  it("tags alone update, and only what they are on", async () => {
    const tagged = { ...network, aws_vpc: { main: { cidr_block: "10.0.0.0/16", tags: { Name: "x" } } } };
    expect(await after(network, tagged)).toEqual({ "aws_vpc.main": "update", "aws_subnet.a": "no-op", "aws_subnet.b": "no-op" });
  });
});

describe("the stand-in refuses what AWS refuses", () => {
  const refused = async (resources: Resources): Promise<string> => {
    terraform.write(resources);
    await terraform.terraform("init");
    const { exitCode, output } = await terraform.terraform("apply", "-auto-approve");
    expect(exitCode).toBe(1);
    return output.replaceAll(/\s*\n[│|]?\s*/g, " ");
  };

  it("a reference to what was deleted", async () => {
    await terraform.apply(network);
    const { id } = await terraform.state("aws_vpc.main");
    await terraform.terraform("destroy", "-auto-approve");
    expect(await refused({ aws_subnet: { a: { vpc_id: id, cidr_block: "10.0.0.0/24" } } })).toContain(
      `names the aws_vpc "${String(id)}", which does not exist`,
    );
  });

  it("a node group of a cluster that never was", async () => {
    expect(await refused({ aws_eks_addon: { dns: { cluster_name: "nowhere", addon_name: "coredns" } } })).toContain(
      `names the aws_eks_cluster "nowhere"`,
    );
  });

  it("a name that is taken", async () => {
    expect(
      await refused({ aws_iam_role: { a: { name: "same", assume_role_policy: "{}" }, b: { name: "same", assume_role_policy: "{}" } } }),
    ).toContain("AlreadyExists");
  });

  it("deletion of what is in use", async () => {
    await terraform.apply(network);
    const vpc = terraform.standIn.world.ofType("aws_vpc")[0];
    const { id } = await terraform.state("aws_vpc.main");
    terraform.write({
      aws_subnet: {
        a: { vpc_id: id, cidr_block: "10.0.0.0/24", availability_zone: "eu-west-1a" },
        b: { vpc_id: id, cidr_block: "10.0.1.0/24", availability_zone: "eu-west-1b" },
      },
    });
    const { exitCode, output } = await terraform.terraform("apply", "-auto-approve");
    expect(exitCode).toBe(1);
    expect(output).toContain("DependencyViolation");
    expect(terraform.standIn.world.get(vpc?.key ?? "")).toBeDefined();
  });

  it("deletion of a protected cluster, until the protection is lifted", async () => {
    await terraform.apply(cluster({ deletion_protection: true }));
    const first = await terraform.terraform("destroy", "-auto-approve", "-target=aws_eks_cluster.main");
    expect(first.output).toContain("deletion_protection is true");
    await terraform.apply(cluster({ deletion_protection: false }));
    expect((await terraform.terraform("destroy", "-auto-approve")).exitCode).toBe(0);
    expect(terraform.standIn.world.all()).toEqual([]);
  });

  it.each([
    [
      "a value outside the enumeration",
      cluster({ upgrade_policy: { support_type: "FOREVER" } }),
      "expected upgrade_policy.support_type to be one of",
    ],
    [
      "a value outside the range",
      nodeGroup({ scaling_config: { min_size: 1, max_size: 0, desired_size: 0 } }),
      "expected scaling_config.max_size to be >=1",
    ],
    ["a range too small for a VPC", { aws_vpc: { main: { cidr_block: "10.0.0.0/29" } } }, "expected cidr_block to be CIDR /16../28"],
    [
      "arguments that exclude each other",
      { aws_vpc: { main: { cidr_block: "10.0.0.0/16", ipv4_netmask_length: 16, ipv4_ipam_pool_id: "ipam-pool-1" } } },
      "conflicts with",
    ],
  ] satisfies [string, Resources, string][])("%s", async (_what, resources, words) => {
    expect(await refused(resources)).toContain(words);
  });

  it("a type that it has no facts about", async () => {
    expect(await refused({ aws_sqs_queue: { main: { name: "main" } } })).toContain("aws_sqs_queue");
  });
});

describe("data sources answer consistently", () => {
  it("who, where, and a policy rendered as the provider does", async () => {
    const document = {
      statement: [
        {
          sid: "Read",
          actions: ["s3:GetObject", "s3:ListBucket"],
          resources: ["arn:aws:s3:::a/*"],
          condition: [{ test: "StringEquals", variable: "aws:PrincipalTag/x", values: ["&{aws:username}"] }],
        },
        { effect: "Deny", not_actions: ["iam:*"], resources: ["*"], principals: [{ type: "AWS", identifiers: ["*"] }] },
      ],
    };
    await terraform.apply(
      {},
      {
        data: {
          aws_caller_identity: { me: {} },
          aws_partition: { here: {} },
          aws_availability_zones: { all: {} },
          aws_iam_policy_document: { policy: document },
        },
        output: {
          account: { value: "${data.aws_caller_identity.me.account_id}" },
          partition: { value: "${data.aws_partition.here.partition}" },
          zones: { value: "${data.aws_availability_zones.all.names}" },
          policy: { value: "${data.aws_iam_policy_document.policy.json}" },
        },
      },
    );
    const outputs = JSON.parse((await terraform.terraform("output", "-json")).output) as Record<string, { value: unknown }>;
    expect(outputs["account"]?.value).toBe("111122223333");
    expect(outputs["partition"]?.value).toBe("aws");
    expect(outputs["zones"]?.value).toEqual(["eu-west-1a", "eu-west-1b", "eu-west-1c"]);
    expect(outputs["policy"]?.value).toBe(`{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": [
        "s3:ListBucket",
        "s3:GetObject"
      ],
      "Resource": "arn:aws:s3:::a/*",
      "Condition": {
        "StringEquals": {
          "aws:PrincipalTag/x": "\${aws:username}"
        }
      }
    },
    {
      "Effect": "Deny",
      "NotAction": "iam:*",
      "Resource": "*",
      "Principal": {
        "AWS": "*"
      }
    }
  ]
}`);
    await emptyPlan();
  });
});

describe("drift", () => {
  it("shows as what changed outside, and is undone", async () => {
    await terraform.apply(network);
    const vpc = terraform.standIn.world.ofType("aws_vpc")[0];
    if (!vpc) throw new Error("The world has no VPC");
    terraform.standIn.world.put({ ...vpc, attributes: { ...vpc.attributes, enable_dns_support: false } });
    const { kinds, json } = await terraform.plan(network);
    expect(kinds["aws_vpc.main"]).toBe("update");
    expect(json.resource_drift?.map(({ address }) => address)).toEqual(["aws_vpc.main"]);
    await terraform.apply(network);
    expect(terraform.standIn.world.get(vpc.key)?.attributes["enable_dns_support"]).toBe(true);
  });

  it("makes anew what was deleted outside", async () => {
    await terraform.apply(network);
    terraform.standIn.world.delete(terraform.standIn.world.ofType("aws_subnet")[0]?.key ?? "");
    expect(Object.values((await terraform.plan(network)).kinds).filter((kind) => kind === "create")).toHaveLength(1);
    await terraform.apply(network);
    await emptyPlan();
  });
});

it("keeps accounts, regions and aliases of one program apart", async () => {
  terraform.write(
    {
      aws_iam_role: {
        here: { name: "same", assume_role_policy: "{}" },
        there: { name: "same", assume_role_policy: "{}", provider: "aws.other" },
      },
    },
    {
      provider: {
        aws: [
          { region: "eu-west-1", allowed_account_ids: ["111122223333"] },
          { alias: "other", region: "us-east-1", assume_role: [{ role_arn: "arn:aws:iam::999988887777:role/x" }] },
        ],
      },
    },
  );
  await terraform.terraform("init");
  const { exitCode, output } = await terraform.terraform("apply", "-auto-approve");
  expect(exitCode, output).toBe(0);
  expect(
    terraform.standIn.world
      .ofType("aws_iam_role")
      .map(({ attributes }) => attributes["arn"])
      .sort(),
  ).toEqual(["arn:aws:iam::111122223333:role/same", "arn:aws:iam::999988887777:role/same"]);
});
