import type { ReleaseDrift, StackDrift } from "../drift/model";
import { fit, type Item } from "./fit";
import { code, differenceWords, listSection, plain, resourceItems } from "./markdown";

/** Title of a stack's issue; what it is found again by. Two fleets of one repository may have stacks of one name. */
export function driftTitle(stack: string, fleet: string): string {
  return `Drift in ${stack}${fleet === "" ? "" : ` (${fleet})`}`;
}

/** The stack that a title of {@link driftTitle} is about; undefined for another fleet's, or any other title. */
export function stackInTitle(title: string, fleet: string): string | undefined {
  const [, stack] = /^Drift in ([a-z0-9-]+)/.exec(title) ?? [];
  return stack !== undefined && driftTitle(stack, fleet) === title ? stack : undefined;
}

/** Text of a stack's issue, within a limit: the two causes apart. */
export function driftBody(stack: StackDrift, limit: number): string {
  const items = (changes: StackDrift["outside"]) =>
    changes.flatMap((change) => resourceItems({ stack: { name: stack.name, charts: [] }, change }));
  const { text } = fit(
    [
      plain(`What runs is not what the code says. This issue is kept up to date, and closed when the difference is gone.\n`),
      listSection(
        "\n### Changed outside\n\nSomeone changed these by hand. Put it into the code, or let the next apply put it back.\n\n",
        items(stack.outside),
      ),
      listSection(
        "\n### In the code, and not applied\n\nThe last deploy did not come this far, or did not run.\n\n",
        items(stack.unapplied),
      ),
      listSection("\n### Releases that run otherwise than locked\n\n", stack.releases.map(releaseItem)),
    ],
    limit,
  );
  return text;
}

function releaseItem({ release, differences }: ReleaseDrift): Item {
  const line = `- ${code(release)}, what runs → what is declared:\n`;
  return { line, full: line + differences.map((difference) => `  - ${differenceWords(difference)}\n`).join("") };
}
