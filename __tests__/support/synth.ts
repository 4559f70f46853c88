import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import type { Fleet } from "../../config/fleet";
import { localBackend } from "../../stacks/backend";
import { declareFleet } from "../../stacks/declare-fleet";
import { readProgram, type ProgramResource, type ProgramStack } from "../../terraform/program";

/** A synthesized fleet that a test asks questions of. */
export interface SynthesizedFleet {
  readonly stacks: readonly ProgramStack[];
  /** @throws {Error} when there is no such stack */
  readonly stack: (name: string) => ProgramStack;
  /** Resources of a type in a stack, by construct path without the stack's name and without the digest of node groups. */
  readonly resources: (stack: string, type: string) => Readonly<Record<string, ProgramResource["arguments"]>>;
}

/** Synthesizes a fleet to a temporary folder and reads its Terraform JSON back. */
export function synthesized(fleet: Fleet): SynthesizedFleet {
  const outdir = mkdtempSync(join(tmpdir(), "drydock-test-"));
  try {
    const app = new App({ outdir, stackTraces: false });
    declareFleet(app, fleet, localBackend({ relativePath: (id) => `../../../state/${id}.tfstate` }));
    app.synth();
    const stacks = readProgram(outdir);
    const stack = (name: string): ProgramStack => {
      const found = stacks.find((candidate) => candidate.name === name);
      if (!found) throw new Error(`No stack ${name}; there are ${stacks.map((each) => each.name).join(", ")}`);
      return found;
    };
    return {
      stacks,
      stack,
      resources: (name, type) =>
        Object.fromEntries(
          stack(name)
            .resources.filter((resource) => resource.type === type)
            .map(({ constructPath, arguments: args }) => [
              constructPath.slice(name.length + 1).replace(type === "aws_eks_node_group" ? /-[0-9a-f]{6}$/ : "", ""),
              args,
            ]),
        ),
    };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
