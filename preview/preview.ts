import { join } from "node:path";
import packageJson from "../package.json";
import { Facts } from "../rehearsal/facts";
import { fleetName } from "../terraform/fleet-name";
import { predictStacks } from "../rehearsal/prediction";
import type { Interrupts } from "../terraform/interrupts";
import { upstreamClosure } from "../terraform/program";
import { affectedStacks, type AffectedStack } from "./affected";
import { previewCharts } from "./charts/preview-charts";
import { readLocks } from "./charts/releases";
import { costDifference } from "./cost-difference";
import { guard, readAllowedChanges } from "./guard";
import { Digests } from "./plans/digests";
import type { Mode, OnProgress, PlannedStack } from "./plans/outcome";
import { planReal } from "./plans/real";
import { planRehearsed } from "./plans/rehearsed";
import { collectPlanSecrets, predictStack, previewStack } from "./plans/stack-preview";
import { unappliedStacks } from "./plans/unapplied";
import { previewFolder, realFolder, realPair, rehearsedFolder, rehearsedPair, type ProgramPair } from "./programs";
import { Secrets } from "./redaction/secrets";
import type { PreviewReport, StackPreview } from "./report/model";
import { reviewedChanges } from "./report/reviewed";
import type { Revision } from "./revisions";

/** Options of {@link preview}. */
export interface PreviewOptions {
  readonly root: string;
  readonly mode: Mode;
  readonly base: Revision;
  readonly head: { readonly commit: string; readonly dirty: boolean };
  readonly terraform: string;
  readonly at: Date;
  readonly parallel: number;
  readonly interrupts: Interrupts;
  readonly onProgress: OnProgress;
  /**
   * Key of the digests of hidden values.
   * @default none, and hidden values get no digests
   */
  readonly key?: Buffer;
  /** Reports that the plan will be held to, oldest first. */
  readonly reviewed?: readonly PreviewReport[];
}

/** Plans what differs between two synthesized revisions and says what it would do; the programs must be there already. */
export async function preview(options: PreviewOptions): Promise<PreviewReport> {
  const { root, mode, base, head, terraform, at } = options;
  const folder = rehearsedFolder(root, base);
  const pair = mode === "real" ? realPair(root) : rehearsedPair(folder);
  const changed = affectedStacks(pair.base, pair.head);
  const planned = await planAll(options, changed);
  if (mode === "real") planned.push(...(await planUnapplied(options, pair, changed)));
  const affected = planned.map(({ stack }) => stack);

  const secrets = new Secrets();
  for (const [name, value] of Object.entries(process.env)) if (CREDENTIALS.test(name)) secrets.add(value);
  for (const stack of planned) collectPlanSecrets(secrets, stack);
  const digests = new Digests(options.key);
  const context = { root, pair, locks: readLocks(mode === "real" ? realFolder(root) : folder), secrets };
  const facts = new Facts(root);
  const predictions = new Map<string, ReturnType<typeof predictStack>>();
  const stacks: StackPreview[] = [];
  for (const each of planned) {
    const charts = await previewCharts(each, context);
    const reviewed = options.reviewed && reviewedChanges(options.reviewed, each.stack.name);
    const stack = previewStack({ planned: each, mode, secrets, facts, digests, charts, ...(reviewed ? { reviewed } : {}) });
    const prediction = predictStack(each.stack, stack.changes, facts);
    predictions.set(stack.name, prediction);
    stacks.push({ ...stack, time: { median: prediction.median, p90: prediction.p90 } });
  }
  const waitsFor = new Map(affected.map(({ name, head: after, base: before }) => [name, (after ?? before)?.dependencies ?? []]));
  const { median, p90 } = predictStacks(predictions, waitsFor);
  const sum = (kind: keyof PreviewReport["counts"]) => stacks.reduce((total, { counts }) => total + counts[kind], 0);
  return {
    version: 2,
    mode,
    at: at.toISOString(),
    terraform,
    fleet: fleetName(pair.head.length > 0 ? pair.head : pair.base),
    drydock: packageJson.version,
    digests: digests.kind,
    base: { name: base.name, commit: base.commit },
    head,
    stacks,
    counts: {
      create: sum("create"),
      update: sum("update"),
      replace: sum("replace"),
      delete: sum("delete"),
      import: sum("import"),
      forget: sum("forget"),
      move: sum("move"),
    },
    guard: secrets.redactWithin(guard(stacks, readAllowedChanges(join(mode === "real" ? realFolder(root) : folder, "head")))),
    cost: costDifference(affected),
    time: { median, p90 },
  };
}

/** Environment variables whose value must never be printed, whatever an error quotes. */
const CREDENTIALS =
  /^(AWS_(SECRET_ACCESS_KEY|SESSION_TOKEN|ACCESS_KEY_ID)|GITHUB_TOKEN|GH_TOKEN|TF_TOKEN_.*|ACTIONS_(ID_TOKEN_REQUEST_TOKEN|RUNTIME_TOKEN))$/;

/** Stacks whose program is the base's, and of which something was never applied: a deploy that failed, or never ran. */
async function planUnapplied(
  options: PreviewOptions,
  pair: ProgramPair,
  changed: readonly AffectedStack[],
): Promise<readonly PlannedStack[]> {
  const { root, parallel, interrupts, onProgress } = options;
  const known = new Set(changed.map(({ name }) => name));
  const others = pair.head.filter(({ name }) => !known.has(name));
  return unappliedStacks({ folder: join(previewFolder(root), "real"), stacks: others, parallel, interrupts, onProgress });
}

async function planAll(options: PreviewOptions, affected: readonly AffectedStack[]): Promise<PlannedStack[]> {
  const { root, mode, base, parallel, interrupts, onProgress } = options;
  const folder = rehearsedFolder(root, base);
  const pair = rehearsedPair(folder);
  const rehearse = (stacks: readonly AffectedStack[]) =>
    planRehearsed({ root, folder, pair, affected: stacks, parallel, interrupts, onProgress });
  if (mode === "rehearsed") return [...(await rehearse(affected))];

  const { planned, unplannable } = await planReal({
    root,
    folder: join(previewFolder(root), "real"),
    affected,
    parallel,
    interrupts,
    onProgress,
  });
  if (unplannable.size === 0) return [...planned];
  // What they read is planned rehearsed too, so that they are planned over it.
  const all = affectedStacks(pair.base, pair.head);
  const needed = new Set(
    upstreamClosure(
      all.flatMap(({ head }) => head ?? []),
      new Set(unplannable.keys()),
    ).map(({ name }) => name),
  );
  const rehearsed = await rehearse(all.filter(({ name }) => needed.has(name)));
  const byName = new Map(
    [...rehearsed.filter(({ stack }) => unplannable.has(stack.name)), ...planned].map((each) => [each.stack.name, each]),
  );
  return affected.flatMap(({ name }) => byName.get(name) ?? []);
}
