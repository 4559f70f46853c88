import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { localMinors } from "../../rehearsal/kubernetes/control-plane-binary";
import type { RunningCluster } from "../../rehearsal/kubernetes/local-clusters";
import { ROOT } from "./checkout";
import { TerraformFixture, type Resources } from "./terraform";

/**
 * Whether tests on a real Kubernetes API can run: they build it with Go, once. CI has Go; elsewhere its absence is a
 * reason to skip.
 */
export async function hasGo(): Promise<boolean> {
  const found = (await execa("go", ["version"], { reject: false, stdin: "ignore" })).exitCode === 0;
  if (!found && process.env["CI"] === "true") throw new Error("CI needs Go for the tests on a real Kubernetes API.");
  if (!found) console.warn("Go is not installed, so nothing was tested on a real Kubernetes API.");
  return found;
}

/** Longest time that a test may take when the API has to be built first, in milliseconds. */
export const BUILD_TIMEOUT_MS = 20 * 60_000;

const MINORS = localMinors(ROOT);

/** The newest Kubernetes minor: what tests run on, because building another takes minutes. */
export const MINOR = MINORS.at(-1) ?? "";

/** Minors that every test on a real API runs on: the newest, or all with `DRYDOCK_TEST_MINORS=all`. */
export const TESTED_MINORS = process.env["DRYDOCK_TEST_MINORS"] === "all" ? MINORS : [MINOR];

/** Upgrades from each tested minor to the next one. */
export const TESTED_UPGRADES = TESTED_MINORS.slice(1).map((to, index) => ({ from: TESTED_MINORS[index] ?? "", to }));

/** Terraform on a program with an EKS cluster whose API is real. */
export class KubernetesFixture {
  private constructor(
    readonly terraform: TerraformFixture,
    /** Kubernetes minor of the cluster from the next run on. */
    public minor: string,
  ) {}

  static async open(minor: string): Promise<KubernetesFixture> {
    return new KubernetesFixture(await TerraformFixture.open({ kubernetes: "passing" }), minor);
  }

  async close(): Promise<void> {
    await this.terraform.standIn.kubernetes?.stop();
    this.terraform.close();
  }

  /** Providers that reach the cluster through its credential plugin. */
  readonly providers = PROVIDERS;

  /** The cluster that the program made. */
  get cluster(): RunningCluster {
    const cluster = this.terraform.standIn.kubernetes?.clusters.get("main");
    if (!cluster) throw new Error("The cluster main does not run.");
    return cluster;
  }

  /** Writes a chart and answers with its folder. */
  chart(name: string, templates: Templates, version = "1.0.0"): string {
    return writeChart(join(this.terraform.folder, "charts"), name, templates, version);
  }

  /** Applies the cluster with more resources; failures come back with their output. */
  async run(resources: Resources = {}): Promise<{ readonly exitCode: number | undefined; readonly output: string }> {
    this.terraform.write({ ...clusterOf(this.minor), ...resources }, PROVIDERS);
    await this.terraform.terraform("init");
    return this.terraform.terraform("apply", "-auto-approve");
  }

  /** Applies the cluster with more resources, which must succeed. */
  async apply(resources: Resources = {}): Promise<void> {
    const { exitCode, output } = await this.run(resources);
    if (exitCode !== 0) throw new Error(output);
  }
}

/** Templates of a chart, by file name. */
export type Templates = Readonly<Record<string, object | string>>;

/** Writes a chart into a folder and answers with its path. */
export function writeChart(parent: string, name: string, templates: Templates, version = "1.0.0"): string {
  const folder = join(parent, name);
  mkdirSync(join(folder, "templates"), { recursive: true });
  writeFileSync(join(folder, "Chart.yaml"), stringify({ apiVersion: "v2", name, version }));
  for (const [file, content] of Object.entries(templates))
    writeFileSync(join(folder, "templates", file), typeof content === "string" ? content : stringify(content));
  return folder;
}

const DEPLOY_ROLE = "arn:aws:iam::111122223333:role/deploy";

/** A cluster of two nodes, in which the deploy role may do everything. */
export const clusterOf = (minor: string) => ({
  aws_vpc: { main: { cidr_block: "10.0.0.0/16" } },
  aws_subnet: {
    a: { vpc_id: "${aws_vpc.main.id}", cidr_block: "10.0.0.0/24", availability_zone: "eu-west-1a" },
    b: { vpc_id: "${aws_vpc.main.id}", cidr_block: "10.0.1.0/24", availability_zone: "eu-west-1b" },
  },
  aws_iam_role: { eks: { name: "eks", assume_role_policy: "{}" } },
  aws_eks_cluster: {
    main: {
      name: "main",
      version: minor,
      role_arn: "${aws_iam_role.eks.arn}",
      vpc_config: { subnet_ids: ["${aws_subnet.a.id}", "${aws_subnet.b.id}"] },
    },
  },
  aws_launch_template: { nodes: { name: "nodes", metadata_options: { http_tokens: "required" } } },
  aws_eks_node_group: {
    general: {
      cluster_name: "${aws_eks_cluster.main.name}",
      node_group_name: "general",
      version: minor,
      node_role_arn: "${aws_iam_role.eks.arn}",
      subnet_ids: ["${aws_subnet.a.id}", "${aws_subnet.b.id}"],
      instance_types: ["m5.large", "m5a.large"],
      capacity_type: "SPOT",
      labels: { "drydock.dev/group": "general" },
      taint: [{ key: "dedicated", value: "general", effect: "PREFER_NO_SCHEDULE" }],
      scaling_config: { min_size: 2, max_size: 3, desired_size: 2 },
      launch_template: { id: "${aws_launch_template.nodes.id}", version: "${aws_launch_template.nodes.latest_version}" },
    },
  },
  aws_eks_access_entry: {
    deploy: {
      cluster_name: "${aws_eks_cluster.main.name}",
      principal_arn: DEPLOY_ROLE,
      type: "STANDARD",
      kubernetes_groups: ["drydock:deploy"],
    },
  },
  aws_eks_access_policy_association: {
    deploy: {
      cluster_name: "${aws_eks_cluster.main.name}",
      principal_arn: "${aws_eks_access_entry.deploy.principal_arn}",
      policy_arn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
      access_scope: { type: "cluster" },
    },
  },
});

const ACCESS = {
  host: "${aws_eks_cluster.main.endpoint}",
  cluster_ca_certificate: "${base64decode(aws_eks_cluster.main.certificate_authority[0].data)}",
};
const PLUGIN = {
  api_version: "client.authentication.k8s.io/v1beta1",
  command: "aws",
  args: ["eks", "get-token", "--cluster-name", "${aws_eks_cluster.main.name}", "--region", "eu-west-1"],
};

/** Providers that reach the cluster through its credential plugin. */
export const PROVIDERS = {
  terraform: {
    required_providers: {
      aws: { source: "aws", version: "6.25.0" },
      helm: { source: "helm", version: "3.1.1" },
      kubernetes: { source: "kubernetes", version: "2.38.0" },
    },
    backend: { local: { path: "../stand-in/state/stack.tfstate" } },
  },
  provider: {
    aws: [{ region: "eu-west-1", allowed_account_ids: ["111122223333"], default_tags: [{ tags: { "drydock:stack": "stack" } }] }],
    helm: [{ kubernetes: { ...ACCESS, exec: PLUGIN } }],
    kubernetes: [{ ...ACCESS, exec: PLUGIN }],
  },
};

/** A release of a chart that waits for everything that makes the cluster usable. */
export function release(chart: string, overrides: object = {}): object {
  return {
    name: "web",
    namespace: "web",
    create_namespace: true,
    chart,
    upgrade_install: true,
    atomic: true,
    timeout: 60,
    depends_on: ["aws_eks_node_group.general", "aws_eks_access_policy_association.deploy"],
    ...overrides,
  };
}

/** A Deployment of one container. */
export function deployment(name: string, { pod = {}, replicas = 1, image = "example.org/web:1" }: DeploymentOptions = {}): object {
  const labels = { "app.kubernetes.io/name": name, "app.kubernetes.io/instance": "web" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name, image, resources: { requests: { cpu: "100m", memory: "64Mi" } } }], ...pod },
      },
    },
  };
}

interface DeploymentOptions {
  readonly pod?: object;
  readonly replicas?: number;
  readonly image?: string;
}
