import type { PlannedStack } from "../plans/outcome";
import { differencesOf } from "../plans/differences";
import { Digests } from "../plans/digests";
import type { ProgramPair } from "../programs";
import type { Secrets } from "../redaction/secrets";
import type { ChartPreview } from "../report/model";
import { compareManifests, type RenderPlace } from "./manifests";
import { lockedAs, releaseChanges, valueDifferences, type Locks, type ReleaseChange } from "./releases";

/** What chart previews are read off. */
export interface ChartContext {
  readonly root: string;
  readonly pair: ProgramPair;
  readonly locks: Locks;
  readonly secrets: Secrets;
}

/** What a change does to the Helm releases of a stack. */
export async function previewCharts({ stack, outcome }: PlannedStack, context: ChartContext): Promise<readonly ChartPreview[]> {
  if (outcome.status !== "planned") return [];
  const kubernetes = minorBehind(stack.head?.dependencies ?? [], context.pair);
  const charts: ChartPreview[] = [];
  // One after the other: each renders in a process of its own.
  const directories = { before: stack.base?.directory, after: stack.head?.directory };
  for (const change of releaseChanges(outcome.plan)) charts.push(await previewChart(change, { kubernetes, directories }, context));
  return charts;
}

async function previewChart(
  change: ReleaseChange,
  place: Pick<RenderPlace, "kubernetes" | "directories">,
  { root, locks, secrets }: ChartContext,
): Promise<ChartPreview> {
  const { before, after } = change;
  const [old, now] = [before && lockedAs(locks.base, before), after && lockedAs(locks.head, after)];
  const [had, has] = [old?.crds.names ?? [], now?.crds.names ?? []];
  const known = (old !== undefined || !before) && (now !== undefined || !after);
  const { differences } = differencesOf(change.change, { secrets, digests: Digests.none(), address: change.address, given: {} });
  return {
    release: change.release,
    address: change.address,
    chart: (after ?? before)?.chart ?? "",
    version: pair(before?.version, after?.version),
    appVersion: pair(old?.appVersion, now?.appVersion),
    values: before && after ? valueDifferences(differences) : [],
    newCrds: known ? has.filter((name) => !had.includes(name)) : [],
    droppedCrds: known ? had.filter((name) => !has.includes(name)) : [],
    manifests: await compareManifests(change, { root, ...place, secrets }),
  };
}

function pair(before: string | undefined, after: string | undefined): ChartPreview["version"] {
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

/** Minor of the cluster that a platform is installed on, which is one of the stacks it reads. */
function minorBehind(dependencies: readonly string[], { head }: ProgramPair): string | undefined {
  const clusters = head
    .filter(({ name }) => dependencies.includes(name))
    .flatMap(({ resources }) => resources.filter(({ type }) => type === "aws_eks_cluster"));
  const version = clusters[0]?.arguments["version"];
  return typeof version === "string" ? version : undefined;
}
