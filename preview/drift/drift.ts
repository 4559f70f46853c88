import { Facts } from "../../rehearsal/facts";
import type { Interrupts } from "../../terraform/interrupts";
import type { ProgramStack } from "../../terraform/program";
import { LOCKED } from "../../terraform/provider-lock";
import { runInOrder } from "../../terraform/schedule";
import type { OnProgress } from "../plans/outcome";
import { Digests } from "../plans/digests";
import { previewResource, type StackContext } from "../plans/resource-preview";
import { changedOutside } from "../plans/outside";
import { seeThroughProtection } from "../plans/protection";
import { realWorkspace } from "../plans/real";
import { collectPlanSecrets } from "../plans/stack-preview";
import { Secrets } from "../redaction/secrets";
import type { StackDrift } from "./model";
import { releaseDrift } from "./releases";

/** Options of {@link findDrift}. */
export interface DriftOptions {
  readonly root: string;
  readonly stacks: readonly ProgramStack[];
  /** Folder for logs. */
  readonly folder: string;
  readonly parallel: number;
  readonly interrupts: Interrupts;
  readonly onProgress: OnProgress;
}

/**
 * What differs between the account and the code, the two causes apart: a refresh-only plan shows what was changed
 * outside, and a plan that does not refresh shows what is in the code and not applied.
 */
export async function findDrift({ root, stacks, folder, parallel, interrupts, onProgress }: DriftOptions): Promise<readonly StackDrift[]> {
  const facts = new Facts(root);
  const results = await interrupts.during(() =>
    runInOrder(stacks, {
      parallel,
      // Plans wait for nobody.
      direction: "dependencies-first",
      stop: () => (interrupts.stopping ? "the run was interrupted" : undefined),
      work: async (stack) => {
        onProgress(`comparing ${stack.name}`);
        return driftOf(stack, facts, folder, interrupts).catch((error: unknown) => failed(stack, error));
      },
    }),
  );
  return stacks.flatMap(({ name }) => {
    const result = results.get(name);
    return result?.status === "done" ? [result.result] : [];
  });
}

async function driftOf(stack: ProgramStack, facts: Facts, folder: string, interrupts: Interrupts): Promise<StackDrift> {
  const workspace = realWorkspace(stack, folder, interrupts);
  seeThroughProtection(stack);
  await workspace.init(LOCKED);
  const secrets = new Secrets();
  const affected = { name: stack.name, cause: "changed", base: stack, head: stack } as const;
  const plan = async (way: string) => {
    try {
      return await workspace.planOnly([way, "-lock=false"]);
    } catch (error) {
      // A provider's error may quote what the state holds.
      const failure = error instanceof Error ? error : new Error(String(error));
      collectPlanSecrets(secrets, {
        stack: affected,
        outcome: { status: "failed", mode: "real", error: failure, state: await workspace.showState() },
      });
      throw new Error(secrets.redactProse(failure.message), { cause: error });
    }
  };
  const refreshed = await plan("-refresh-only");
  const unrefreshed = await plan("-refresh=false");
  for (const each of [refreshed, unrefreshed])
    collectPlanSecrets(secrets, { stack: affected, outcome: { status: "planned", mode: "real", plan: each, pending: [], stale: [] } });
  const context: StackContext = { ...affected, secrets, facts, digests: Digests.none(), plan: unrefreshed };
  const outside = changedOutside({ ...refreshed, resource_changes: unrefreshed.resource_changes }, context);
  const unapplied = (unrefreshed.resource_changes ?? []).flatMap((change) => previewResource(change, context) ?? []);
  const releases = releaseDrift(refreshed, unrefreshed, secrets);
  const same = outside.length + unapplied.length + releases.length === 0;
  return secrets.redactWithin({
    name: stack.name,
    status: same ? "same" : "differs",
    note: "",
    outside,
    unapplied,
    releases: [...releases],
  });
}

function failed({ name }: ProgramStack, error: unknown): StackDrift {
  const message = error instanceof Error ? error.message : String(error);
  return {
    name,
    status: "failed",
    note: new Secrets().redactProse(message.split("\n")[0] ?? ""),
    outside: [],
    unapplied: [],
    releases: [],
  };
}
