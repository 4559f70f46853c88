import { describe, expect, it } from "vitest";
import { production } from "../../config/presets";
import { aCluster, aFleet, resolved, RUNNING } from "../support/fleets";
import { synthesized } from "../support/synth";

const both = (blue: number, green: number) => ({
  dev: { colours: { blue: { kubernetes: "1.35", weight: blue }, green: { kubernetes: "1.36", weight: green } }, served: "blue" },
});

describe("a fleet", () => {
  it("has a stack per row of the design, each after what it reads", () => {
    const { stacks } = synthesized(resolved());
    expect(Object.fromEntries(stacks.map(({ name, dependencies }) => [name, [...dependencies].sort()]))).toEqual({
      foundation: [],
      "dev-data": [],
      "dev-network": ["foundation"],
      "dev-traffic": ["dev-network", "foundation"],
      "dev-blue-cluster": ["dev-data", "dev-network", "foundation"],
      "dev-blue-platform": ["dev-blue-cluster", "dev-data", "dev-network", "dev-traffic", "foundation"],
    });
  });

  it("keeps only data of a cluster that is off, or nothing where the cluster says so", () => {
    const names = (whenOff: "data" | "nothing") =>
      synthesized(resolved(aFleet({ clusters: { dev: aCluster({ whenOff }) } }), {})).stacks.map(({ name }) => name);
    expect([...names("data")].sort()).toEqual(["dev-data", "foundation"]);
    expect(names("nothing")).toEqual(["foundation"]);
  });

  it("works in the declared account only, in the declared role", () => {
    const assumeRoleArn = "arn:aws:iam::999988887777:role/x";
    const { stack } = synthesized(
      resolved(aFleet({ clusters: { dev: aCluster({ account: "999988887777", region: "us-east-1", assumeRoleArn }) } })),
    );
    expect(stack("dev-network").json.provider?.["aws"]?.[0]).toMatchObject({
      allowed_account_ids: ["999988887777"],
      region: "us-east-1",
      assume_role: [{ role_arn: assumeRoleArn }],
    });
  });

  it("delegates a zone per cluster of another account from the home zone", () => {
    const { resources } = synthesized(
      resolved(aFleet({ clusters: { dev: aCluster({ account: "999988887777", assumeRoleArn: "arn:aws:iam::999988887777:role/x" }) } })),
    );
    const records = resources("foundation-999988887777-eu-west-1", "aws_route53_record");
    expect(records["zone-dev/delegation"]).toMatchObject({ name: "dev.k8s.example.org", type: "NS", provider: "aws.home" });
    expect(Object.keys(resources("foundation-999988887777-eu-west-1", "aws_route53_zone"))).toEqual(["zone-dev/zone"]);
  });
});

describe("facts", () => {
  const outputs = (state: object) => {
    const { stack } = synthesized(resolved(aFleet({ github: { repository: "o/r" } }), state));
    return Object.fromEntries(
      ["foundation", "dev-data"].map((name) => [name, Object.keys((stack(name).json as { output?: object }).output ?? {})]),
    );
  };

  it("are outputs whether or not a stack reads them, so that the last reader can still be destroyed", () => {
    const all = outputs(both(50, 50));
    expect(all["dev-data"]?.length).toBeGreaterThan(5);
    expect(outputs(RUNNING)).toEqual(all);
    expect(outputs({})).toEqual(all);
  });
});

describe("adopting what exists", () => {
  it("makes no network for an existing VPC", () => {
    const subnet = (id: number, zone: string) => ({ id: `subnet-0000000${id}`, zone: `eu-west-1${zone}`, cidr: `10.0.${id}.0/24` });
    const network = {
      existing: {
        vpcId: "vpc-0123456789abcdef0",
        cidr: "10.0.0.0/16",
        privateSubnets: [subnet(1, "a"), subnet(2, "b")],
        publicSubnets: [subnet(3, "a"), subnet(4, "b")],
      },
    };
    const small = { groups: { system: { instanceTypes: ["m5.large"], volumes: true, min: 1, max: 1 } } };
    const { stacks, resources } = synthesized(resolved(aFleet({ clusters: { dev: aCluster({ network, nodes: small }) } })));
    expect(stacks.map(({ name }) => name)).not.toContain("dev-network");
    expect(resources("dev-traffic", "aws_lb")["load-balancer/balancer"]).toMatchObject({ subnets: ["subnet-00000003", "subnet-00000004"] });
  });

  it("makes no zone and no OIDC provider where the fleet names its own", () => {
    const oidcProviderArn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    const { resources } = synthesized(
      resolved(aFleet({ hostedZone: { id: "Z0123456789" }, github: { repository: "o/r", oidcProviderArn } })),
    );
    expect(resources("foundation", "aws_route53_zone")).toEqual({});
    expect(resources("foundation", "aws_iam_openid_connect_provider")).toEqual({});
    expect(resources("dev-traffic", "aws_route53_record")["wildcard"]).toMatchObject({
      zone_id: "Z0123456789",
      name: "*.dev.k8s.example.org",
    });
  });
});

describe("the network", () => {
  it.each([
    ["per-zone", 3, 3],
    ["one", 1, 3],
  ] as const)("with NAT %s has %i gateways for %i routes out", (nat, gateways, routes) => {
    const { resources } = synthesized(
      resolved(aFleet({ clusters: { dev: aCluster({ network: { cidr: "10.0.0.0/16", zones: 3, nat } }) } })),
    );
    expect(Object.keys(resources("dev-network", "aws_nat_gateway")).length).toBe(gateways);
    const out = Object.values(resources("dev-network", "aws_route")).filter((route) => route["nat_gateway_id"] !== undefined);
    expect(out.length).toBe(routes);
    expect(new Set(out.map((route) => route["nat_gateway_id"])).size).toBe(gateways);
  });

  it("closes the default security group and always has the S3 endpoint", () => {
    const { resources } = synthesized(resolved());
    expect(Object.keys(resources("dev-network", "aws_default_security_group"))).toEqual(["vpc/closed-default"]);
    expect(resources("dev-network", "aws_vpc_endpoint")["endpoints/s3"]).toMatchObject({
      vpc_endpoint_type: "Gateway",
      service_name: "com.amazonaws.eu-west-1.s3",
    });
  });

  it("makes interface endpoints that only the VPC reaches", () => {
    const { resources } = synthesized(
      resolved(aFleet({ clusters: { dev: aCluster({ network: { cidr: "10.0.0.0/16", interfaceEndpoints: ["ecr.api", "sts"] } }) } })),
    );
    expect(Object.keys(resources("dev-network", "aws_vpc_endpoint")).sort()).toEqual([
      "endpoints/ecr-api",
      "endpoints/s3",
      "endpoints/sts",
    ]);
    expect(resources("dev-network", "aws_vpc_security_group_ingress_rule")["endpoints/from-vpc"]).toMatchObject({
      cidr_ipv4: "10.0.0.0/16",
      from_port: 443,
    });
  });
});

describe("the cluster", () => {
  const { resources } = synthesized(
    resolved(
      aFleet({
        github: { repository: "o/r" },
        access: {
          admins: ["arn:aws:iam::111122223333:role/admin"],
          viewers: ["arn:aws:iam::111122223333:role/view"],
          breakGlass: ["arn:aws:iam::111122223333:role/glass"],
        },
      }),
    ),
  );

  it("is pinned, encrypted, logged and supported at standard price only", () => {
    expect(resources("dev-blue-cluster", "aws_eks_cluster")["control-plane/cluster"]).toMatchObject({
      name: "tiny-dev-blue",
      version: "1.36",
      bootstrap_self_managed_addons: false,
      enabled_cluster_log_types: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
      access_config: { authentication_mode: "API", bootstrap_cluster_creator_admin_permissions: false },
      encryption_config: { resources: ["secrets"] },
      upgrade_policy: { support_type: "STANDARD" },
      vpc_config: { endpoint_private_access: true, endpoint_public_access: false },
    });
  });

  it("cannot make its log group anew once Terraform has removed it", () => {
    expect(resources("dev-blue-cluster", "aws_cloudwatch_log_group")["control-plane/logs"]).toMatchObject({
      name: "/aws/eks/tiny-dev-blue/cluster",
      retention_in_days: 30,
    });
    expect(String(resources("dev-blue-cluster", "aws_iam_role_policy")["control-plane/role/policy"]?.["policy"])).toContain(
      `"Effect":"Deny","Action":["logs:CreateLogGroup"]`,
    );
  });

  it("gives each right its policy and group", () => {
    const groups = Object.entries(resources("dev-blue-cluster", "aws_eks_access_entry")).map(([path, args]) => [
      path,
      (args["kubernetes_groups"] as string[])[0],
    ]);
    expect(Object.fromEntries(groups)).toEqual({
      "access/admins-0": "drydock:admins",
      "access/viewers-0": "drydock:viewers",
      "access/plan-0": "drydock:plan",
      "access/deploy-0": "drydock:deploy",
      "access/breakGlass-0": "drydock:break-glass",
    });
    const policies = Object.entries(resources("dev-blue-cluster", "aws_eks_access_policy_association")).map(([path, args]) => [
      path,
      String(args["policy_arn"]).split("/")[1],
    ]);
    expect(Object.fromEntries(policies)).toMatchObject({
      "access/plan-0-policy": "AmazonEKSAdminViewPolicy",
      "access/viewers-0-policy": "AmazonEKSViewPolicy",
    });
  });

  it("spreads groups with volumes over zones and spot over a fallback", () => {
    const groups = resources("dev-blue-cluster", "aws_eks_node_group");
    expect(Object.keys(groups).sort()).toEqual([
      "nodes/general-on-demand",
      "nodes/general-spot",
      "nodes/system-on-demand-a",
      "nodes/system-on-demand-b",
    ]);
    expect(groups["nodes/general-on-demand"]).toMatchObject({ capacity_type: "ON_DEMAND", scaling_config: { min_size: 0, max_size: 8 } });
    expect(groups["nodes/general-spot"]).toMatchObject({
      capacity_type: "SPOT",
      lifecycle: { ignore_changes: ["scaling_config[0].desired_size"] },
    });
    expect((groups["nodes/system-on-demand-a"]?.["subnet_ids"] as string[]).length).toBe(1);
    expect(groups["nodes/system-on-demand-a"]).toMatchObject({
      taint: [{ key: "CriticalAddonsOnly", value: "true", effect: "NO_SCHEDULE" }],
      labels: { "drydock.dev/group": "system" },
    });
  });

  it("starts networking before nodes and what runs on nodes after them", () => {
    const addons = resources("dev-blue-cluster", "aws_eks_addon");
    const nodes = resources("dev-blue-cluster", "aws_eks_node_group");
    const dependsOn = (args: Readonly<Record<string, unknown>> | undefined) => JSON.stringify(args?.["depends_on"] ?? []);
    expect(dependsOn(nodes["nodes/general-spot"])).toContain("aws_eks_addon.node-addons_vpc-cni");
    expect(dependsOn(addons["addons/coredns"])).toContain("aws_eks_node_group.nodes_system-on-demand-a");
    // Spot may be out for a while; names and volumes must not wait for it.
    expect(dependsOn(addons["addons/coredns"])).not.toContain("aws_eks_node_group.nodes_general-spot");
    expect(dependsOn(addons["node-addons/vpc-cni"])).toContain("aws_eks_pod_identity_association.identities_vpc-cni-association");
    expect(addons["node-addons/vpc-cni"]?.["configuration_values"]).toBe(`{"enableNetworkPolicy":"true"}`);
  });

  it("gives Velero its own prefix to write and the other colour's to read", () => {
    const policy = String(resources("dev-blue-cluster", "aws_iam_role_policy")["identities/velero/policy"]?.["policy"]);
    const { Statement } = JSON.parse(policy) as { Statement: { Action: string[]; Resource: string | string[] }[] };
    const writes = Statement.find(({ Action }) => Action.includes("s3:PutObject"));
    expect(JSON.stringify(writes?.Resource)).toMatch(/\/blue\/\*"\]$/);
    expect(Statement.find(({ Action }) => Action.includes("s3:GetObject"))?.Action).toEqual(["s3:GetObject"]);
  });

  it("boots Bottlerocket from its two disks", () => {
    const nodes = { ...aCluster().nodes, image: "bottlerocket" as const };
    const state = { dev: { colours: { blue: { kubernetes: "1.36", weight: 100, nodeRelease: "1.50.0-0123abcd" } } } };
    const bottlerocket = synthesized(resolved(aFleet({ clusters: { dev: aCluster({ nodes }) } }), state));
    expect(bottlerocket.resources("dev-blue-cluster", "aws_eks_node_group")["nodes/general-spot"]).toMatchObject({
      ami_type: "BOTTLEROCKET_x86_64",
    });
    expect(bottlerocket.resources("dev-blue-cluster", "aws_launch_template")["nodes/general-template"]).toMatchObject({
      block_device_mappings: [{ device_name: "/dev/xvda" }, { device_name: "/dev/xvdb" }],
    });
  });
});

describe("traffic", () => {
  const weights = (blue: number, green: number) => {
    const listener = synthesized(resolved(aFleet(), both(blue, green))).resources("dev-traffic", "aws_lb_listener")["listener/https"];
    const [action] = listener?.["default_action"] as { forward: { target_group: { weight: number }[] } }[];
    return action?.forward.target_group.map(({ weight }) => weight);
  };

  it.each([
    [100, 0],
    [50, 50],
    [0, 100],
  ])("is spread %i to %i as the state says", (blue, green) => {
    expect(weights(blue, green)).toEqual([blue, green]);
  });

  it("changes nothing but weights when traffic moves", () => {
    const program = (blue: number, green: number) =>
      JSON.stringify(synthesized(resolved(aFleet(), both(blue, green))).stack("dev-traffic").json).replaceAll(/"weight":\d+/g, "");
    expect(program(100, 0)).toBe(program(0, 100));
  });

  it("reaches a colour at weight 0 through the probe header", () => {
    const rules = synthesized(resolved()).resources("dev-traffic", "aws_lb_listener_rule");
    expect(rules["listener/probe-green"]).toMatchObject({
      condition: [{ http_header: { http_header_name: "x-drydock-colour", values: ["green"] } }],
    });
  });

  it("redirects HTTP and waits for a valid certificate", () => {
    const listeners = synthesized(resolved()).resources("dev-traffic", "aws_lb_listener");
    expect(listeners["listener/http"]).toMatchObject({
      default_action: [{ type: "redirect", redirect: { protocol: "HTTPS", status_code: "HTTP_301" } }],
    });
    expect(listeners["listener/https"]?.["certificate_arn"]).toContain("aws_acm_certificate_validation.");
  });
});

describe("protection", () => {
  const guarded = (liftProtection: boolean) =>
    synthesized(
      resolved(aFleet({ clusters: { dev: production({ network: { cidr: "10.0.0.0/16" } }) } }), {
        dev: { ...RUNNING.dev, liftProtection },
      }),
    );

  it("covers cluster, load balancer, buckets and keys, until it is lifted", () => {
    for (const lifted of [false, true]) {
      const { resources } = guarded(lifted);
      expect(resources("dev-blue-cluster", "aws_eks_cluster")["control-plane/cluster"]?.["deletion_protection"]).toBe(!lifted);
      expect(resources("dev-traffic", "aws_lb")["load-balancer/balancer"]?.["enable_deletion_protection"]).toBe(!lifted);
      for (const type of ["aws_s3_bucket", "aws_kms_key"]) {
        for (const args of Object.values(resources("dev-data", type)))
          expect(args["lifecycle"]).toEqual(lifted ? undefined : { prevent_destroy: true });
      }
    }
  });
});

describe("protection of colours", () => {
  it("covers the serving one only, so that a drained one can be retired", () => {
    const fleet = aFleet({ clusters: { dev: aCluster({ protect: true }) } });
    const { resources } = synthesized(resolved(fleet, both(0, 100)));
    expect(resources("dev-green-cluster", "aws_eks_cluster")["control-plane/cluster"]).toMatchObject({
      deletion_protection: true,
      lifecycle: { prevent_destroy: true },
    });
    expect(resources("dev-blue-cluster", "aws_eks_cluster")["control-plane/cluster"]?.["deletion_protection"]).toBe(false);
    expect(resources("dev-blue-cluster", "aws_eks_cluster")["control-plane/cluster"]?.["lifecycle"]).toBeUndefined();
  });
});

describe("state", () => {
  const backendOf = async (state: object) => {
    const { App } = await import("cdktf");
    const { declaredBackend } = await import("../../stacks/backend");
    const { declareFleet } = await import("../../stacks/declare-fleet");
    const { readProgram } = await import("../../terraform/program");
    const { mkdtempSync } = await import("node:fs");
    const outdir = mkdtempSync("/tmp/drydock-test-");
    const fleet = resolved(aFleet(state));
    const app = new App({ outdir, stackTraces: false });
    declareFleet(app, fleet, declaredBackend(fleet, { relativePath: (id) => `../../../.terraform-state/${id}.tfstate` }));
    app.synth();
    return readProgram(outdir).find(({ name }) => name === "dev-network")?.json.terraform;
  };

  it("lies in files beside the fleet by default", async () => {
    expect((await backendOf({}))?.backend).toEqual({ local: { path: "../../../.terraform-state/dev-network.tfstate" } });
  });

  it("lies in S3, locked by S3 itself, when the fleet says so", async () => {
    expect((await backendOf({ state: { kind: "s3" } }))?.backend).toEqual({
      s3: { bucket: "tiny-state-111122223333", key: "tiny/dev-network.tfstate", region: "eu-west-1", use_lockfile: true },
    });
  });

  it("lies in HCP Terraform when the fleet says so", async () => {
    expect((await backendOf({ state: { kind: "hcp", organization: "acme" } }))?.cloud).toMatchObject({
      organization: "acme",
      workspaces: { name: "tiny-dev-network" },
    });
  });
});

describe("the escape hatch", () => {
  it("has the last word on a family's arguments, and on the whole stack", () => {
    const transform = {
      cluster: {
        nodeGroup: (args: object, id: string) => ({ ...args, diskSize: id.startsWith("general-spot") ? 99 : undefined }) as never,
      },
      network: {
        stack: (stack: { addOverride: (path: string, value: unknown) => void }) => {
          stack.addOverride("terraform.experiments", []);
        },
      },
    };
    const { resources, stack } = synthesized(resolved(aFleet({ clusters: { dev: aCluster({ transform }) } })));
    expect(resources("dev-blue-cluster", "aws_eks_node_group")["nodes/general-spot"]?.["disk_size"]).toBe(99);
    expect(resources("dev-blue-cluster", "aws_eks_node_group")["nodes/general-on-demand"]?.["disk_size"]).toBeUndefined();
    expect(stack("dev-network").json.terraform).toHaveProperty("experiments");
  });
});
