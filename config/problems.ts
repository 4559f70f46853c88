/** One thing that is wrong with a declaration. */
export interface Problem {
  /** Where: the file is `fleet.ts` unless the path starts with another file's name. */
  readonly path: string;
  /** What is wrong, as a clause. */
  readonly reason: string;
  /** What to type instead. */
  readonly fix: string;
}

/** A declaration that cannot become Terraform. Carries every problem at once. */
export class FleetError extends Error {
  readonly exitCode = 2;

  constructor(readonly problems: readonly Problem[]) {
    super(formatProblems(problems));
    this.name = "FleetError";
  }
}

/** Formats problems as a list that a person can act on. */
export function formatProblems(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const entries = problems.map(({ path, reason, fix }) => `  ${path}\n    ${reason}\n    fix: ${fix}`);
  return `The fleet has ${count}; nothing was written.\n\n${entries.join("\n\n")}\n`;
}
