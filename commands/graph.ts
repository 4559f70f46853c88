import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { instance } from "@viz-js/viz";
import { Command } from "commander";
import { readProgram, type ProgramStack } from "../terraform/program";
import { synthesize } from "../terraform/synthesize";
import { findRoot } from "./root";

/** `drydock graph`: the stacks and what they wait for, as a picture. */
export function graphCommand(): Command {
  return new Command("graph")
    .description("draw the stack graph as SVG")
    .option("-o, --output <file>", "where to write it", "docs/stacks.svg")
    .action(async ({ output }: { output: string }) => {
      const root = findRoot();
      const outdir = join(root, "cdktf.out");
      await synthesize({ root, outdir });
      const file = join(root, output);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, await stackGraph(readProgram(outdir)));
      process.stdout.write(`Wrote ${relative(process.cwd(), file)}\n`);
    });
}

/** Renders the stacks as SVG: an arrow leads from what is applied first to what waits for it. */
export async function stackGraph(stacks: readonly ProgramStack[]): Promise<string> {
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
      nodes: stacks.map(({ name, resources }) => ({ name, attributes: { label: `${name}\n${resources.length} resources` } })),
      edges: essentialEdges(stacks),
    },
    { format: "svg" },
  );
}

/** Dependencies that no longer path implies: a drawing with all of them shows a ball of wool. */
function essentialEdges(stacks: readonly ProgramStack[]): { tail: string; head: string }[] {
  const direct = new Map(stacks.map(({ name, dependencies }) => [name, dependencies]));
  const reaches = (from: string, to: string): boolean => (direct.get(from) ?? []).some((next) => next === to || reaches(next, to));
  return stacks.flatMap(({ name, dependencies }) =>
    dependencies
      .filter((dependency) => !dependencies.some((other) => other !== dependency && reaches(other, dependency)))
      .map((dependency) => ({ tail: dependency, head: name })),
  );
}
