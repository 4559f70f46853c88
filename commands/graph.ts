import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { instance } from "@viz-js/viz";
import { Command } from "commander";
import { platformReleases } from "../terraform/platform-releases";
import { readProgram } from "../terraform/program";
import { synthesize } from "../terraform/synthesize";
import { findRoot } from "./root";

interface GraphOptions {
  readonly output: string;
  readonly platform: string;
}

/** `drydock graph`: the stacks, and the releases of a platform, with what they wait for, as pictures. */
export function graphCommand(): Command {
  return new Command("graph")
    .description("draw the graphs of stacks and of releases as SVG")
    .option("-o, --output <file>", "where to write the stacks", "docs/stacks.svg")
    .option("--platform <file>", "where to write the releases of the first platform", "docs/platform.svg")
    .action(async ({ output, platform }: GraphOptions) => {
      const root = findRoot();
      const outdir = join(root, "cdktf.out");
      await synthesize({ root, outdir });
      const stacks = readProgram(outdir);
      const releases = stacks.map(platformReleases).find((found) => found.length > 0) ?? [];
      await write(
        join(root, output),
        stacks.map(({ name, dependencies, resources }) => ({ name, after: dependencies, label: `${name}\n${resources.length} resources` })),
      );
      await write(
        join(root, platform),
        releases.map(({ name, after, version }) => ({ name, after, label: `${name}\n${version}` })),
      );
    });
}

/** A box of a drawing. */
export interface GraphNode {
  readonly name: string;
  /** Names of the boxes that lead here. */
  readonly after: readonly string[];
  readonly label: string;
}

async function write(file: string, nodes: readonly GraphNode[]): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, await drawGraph(nodes));
  process.stdout.write(`Wrote ${relative(process.cwd(), file)}\n`);
}

/** Renders a graph as SVG: an arrow leads from what comes first to what waits for it. */
export async function drawGraph(nodes: readonly GraphNode[]): Promise<string> {
  const viz = await instance();
  return viz.renderString(
    {
      graphAttributes: { rankdir: "LR", fontname: "sans-serif", bgcolor: "transparent", nodesep: 0.25, ranksep: 0.6 },
      nodeAttributes: {
        shape: "box",
        style: "rounded,filled",
        fillcolor: "#eef3f8",
        color: "#5b7083",
        fontname: "sans-serif",
        fontsize: 11,
        margin: 0.15,
      },
      edgeAttributes: { color: "#5b7083", arrowsize: 0.7 },
      nodes: nodes.map(({ name, label }) => ({ name, attributes: { label } })),
      edges: essentialEdges(nodes),
    },
    { format: "svg" },
  );
}

/** Dependencies that no longer path implies: a drawing with all of them shows a ball of wool. */
function essentialEdges(nodes: readonly GraphNode[]): { tail: string; head: string }[] {
  const direct = new Map(nodes.map(({ name, after }) => [name, after]));
  const reaches = (from: string, to: string): boolean => (direct.get(from) ?? []).some((next) => next === to || reaches(next, to));
  return nodes.flatMap(({ name, after }) =>
    after
      .filter((dependency) => !after.some((other) => other !== dependency && reaches(other, dependency)))
      .map((dependency) => ({ tail: dependency, head: name })),
  );
}
