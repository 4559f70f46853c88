import { join } from "node:path";
import { Command } from "commander";
import { pinnedVersions } from "../config/versions";
import { monthlyCost, total, type CostItem } from "../preview/cost";
import { warnings } from "../preview/warnings";
import { plainTable } from "../rehearsal/report/table";
import { platformReleases, type PlatformRelease } from "../terraform/platform-releases";
import { readProgram, type ProgramStack } from "../terraform/program";
import { synthesize } from "../terraform/synthesize";
import { findRoot } from "./root";

/** `drydock overview`: what the fleet declares, without asking AWS. */
export function overviewCommand(): Command {
  return new Command("overview")
    .description("synthesize the fleet and print its stacks, versions, list-price cost and warnings")
    .option("--json", "print it for scripts")
    .action(async (options: { json?: boolean }) => {
      const root = findRoot();
      const started = performance.now();
      const outdir = join(root, "cdktf.out");
      await synthesize({ root, outdir });
      const overview = overviewOf(readProgram(outdir), new Date());
      process.stdout.write(
        options.json ? `${JSON.stringify(overview, null, 2)}\n` : render(overview, (performance.now() - started) / 1000),
      );
    });
}

/** Longest line of a list, in characters. */
const LINE_LENGTH = 100;

/** What a fleet is made of. */
export interface Overview {
  readonly stacks: readonly {
    readonly name: string;
    readonly after: readonly string[];
    readonly resources: Readonly<Record<string, number>>;
  }[];
  readonly versions: readonly {
    readonly cluster: string;
    readonly kubernetes: string;
    readonly nodeRelease: string;
    readonly addons: Readonly<Record<string, string>>;
  }[];
  readonly platforms: readonly { readonly stack: string; readonly releases: readonly PlatformRelease[] }[];
  readonly costs: readonly { readonly cluster: string; readonly items: readonly CostItem[]; readonly usdPerMonth: number }[];
  readonly warnings: readonly string[];
}

/** Reads an overview off the synthesized stacks. */
export function overviewOf(stacks: readonly ProgramStack[], today: Date): Overview {
  return {
    stacks: stacks.map(({ name, dependencies, resources }) => ({
      name,
      after: dependencies,
      resources: countBy(resources.map(({ type }) => kind(type))),
    })),
    versions: stacks.flatMap(versionsOf),
    platforms: stacks
      .map((stack) => ({ stack: stack.name, releases: platformReleases(stack) }))
      .filter(({ releases }) => releases.length > 0),
    costs: costsOf(stacks),
    warnings: warnings(stacks, today),
  };
}

function versionsOf({ resources }: ProgramStack): Overview["versions"] {
  const addons = Object.fromEntries(
    resources.flatMap(({ type, arguments: args }) =>
      type === "aws_eks_addon" ? [[String(args["addon_name"]), String(args["addon_version"])]] : [],
    ),
  );
  const releases = resources.flatMap(({ type, arguments: args }) =>
    type === "aws_eks_node_group" ? [String(args["release_version"])] : [],
  );
  return resources
    .filter(({ type }) => type === "aws_eks_cluster")
    .map(({ arguments: args }) => ({
      cluster: String(args["name"]),
      kubernetes: String(args["version"]),
      nodeRelease: [...new Set(releases)].join(", "),
      addons,
    }));
}

/** Costs by cluster role: the tag says whose a stack is; what belongs to no role is the foundation's. */
function costsOf(stacks: readonly ProgramStack[]): Overview["costs"] {
  const owners = [...new Set(stacks.map(owner))];
  return owners.map((cluster) => {
    const items = monthlyCost(stacks.filter((stack) => owner(stack) === cluster).flatMap(({ resources }) => resources));
    return { cluster, items, usdPerMonth: total(items) };
  });
}

function owner({ json }: ProgramStack): string {
  const [provider] = json.provider?.["aws"] ?? [];
  const [tags] = (provider?.["default_tags"] ?? []) as readonly { readonly tags: Readonly<Record<string, string>> }[];
  return tags?.tags["drydock:cluster"] ?? "foundation";
}

/** The service that a resource type belongs to, as people say it. */
function kind(type: string): string {
  const [, service = type] = /^(?:aws_|kubernetes_)?([a-z0-9]+)/.exec(type) ?? [];
  const network = ["vpc", "subnet", "route", "eip", "nat", "internet", "security", "flow", "default"];
  const names: Readonly<Record<string, string>> = {
    route53: "DNS",
    iam: "IAM",
    eks: "EKS",
    s3: "S3",
    kms: "KMS",
    lb: "load balancing",
    acm: "certificates",
    cloudwatch: "CloudWatch",
    sns: "SNS",
    budgets: "budget",
    helm: "releases",
    namespace: "namespaces",
    launch: "launch templates",
  };
  return network.includes(service) ? "network" : (names[service] ?? service);
}

function countBy(values: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([, a], [, b]) => b - a));
}

function render({ stacks, versions, platforms, costs, warnings: warned }: Overview, seconds: number): string {
  const resources = stacks.reduce((sum, stack) => sum + sumOf(stack.resources), 0);
  const usd = (amount: number) => `$${amount.toFixed(0)}`;
  const sections = [
    `${stacks.length} stacks, ${resources} resources, synthesized in ${seconds.toFixed(1)} s`,
    plainTable(
      ["Stack", "After", "Resources", ""],
      stacks.map(({ name, after, resources: kinds }) => [
        name,
        after.map((other) => shorten(other, name)).join(", ") || "-",
        String(sumOf(kinds)),
        Object.entries(kinds)
          .map(([what, number]) => `${number} ${what}`)
          .join(", "),
      ]),
    ),
    plainTable(
      ["Cluster", "Kubernetes", "Standard support until", "Node image", "Add-ons"],
      versions.map(({ cluster, kubernetes, nodeRelease, addons }) => [
        cluster,
        kubernetes,
        pinnedVersions[kubernetes]?.endOfStandardSupport ?? "unknown",
        nodeRelease,
        Object.entries(addons)
          .map(([name, version]) => `${name} ${version.replace(/-eksbuild.*/, "")}`)
          .join("\n"),
      ]),
    ),
    ...(platforms.length > 0
      ? [
          plainTable(
            ["Platform", "Releases in order"],
            platforms.map(({ stack, releases }) => [stack, inLines(releases.map(({ name, version }) => `${name} ${version}`))]),
          ),
        ]
      : []),
    plainTable(
      [
        "Cost a month",
        "",
        "at list price in us-east-1, nodes at their minimum, spot at a typical 65 % discount, without traffic and storage",
      ],
      costs.map(({ cluster, items, usdPerMonth }) => [
        cluster,
        usd(usdPerMonth),
        items.map((item) => `${item.what} ${usd(item.usdPerMonth)}`).join(", "),
      ]),
    ),
    ...(warned.length > 0 ? [`Worth a look:\n${warned.map((warning) => `  ! ${warning}`).join("\n")}`] : []),
  ];
  return `${sections.join("\n\n")}\n`;
}

/** A list in lines of a readable length. */
function inLines(entries: readonly string[]): string {
  return entries
    .reduce<string[]>((lines, entry) => {
      const last = lines.at(-1);
      if (last !== undefined && last.length + entry.length < LINE_LENGTH) lines[lines.length - 1] = `${last}, ${entry}`;
      else lines.push(entry);
      return lines;
    }, [])
    .join("\n");
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, number) => sum + number, 0);
}

/** `production-network` is just `network` beside `production-traffic`. */
function shorten(other: string, name: string): string {
  const [role = ""] = name.split("-");
  return other.startsWith(`${role}-`) ? other.slice(role.length + 1) : other;
}
