import type { ActionInvocation, PlanJson } from "../../terraform/plan-json";
import { isCrossStack } from "../redaction/plan";
import { collectSecrets, isMasked } from "../redaction/structure";
import type { OtherChange } from "../report/model";
import { shortened } from "./excerpts";
import type { StackContext } from "./resource-preview";

/** What a plan does besides changing resources, so that nothing of it happens unseen. */
export function otherChanges(plan: PlanJson, context: StackContext): OtherChange[] {
  return [...actions(plan, context), ...deferred(plan), ...failedChecks(plan, context), ...outputs(plan, context)];
}

function actions({ action_invocations: invoked = [] }: PlanJson, context: StackContext): OtherChange[] {
  for (const { config_values: values, config_sensitive: mask } of invoked) collectSecrets(context.secrets, values, mask);
  return invoked.map((invocation) => ({
    kind: "action",
    address: invocation.address,
    what: triggerOf(invocation),
    ...digestOf(`action ${invocation.address}`, invocation.config_values, invocation.config_sensitive, context),
  }));
}

function triggerOf({ lifecycle_action_trigger: trigger }: ActionInvocation): string {
  if (!trigger) return "is invoked";
  const event = (trigger.action_trigger_event ?? "").replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return `is invoked ${event} of ${trigger.triggering_resource_address ?? "a resource"}`;
}

function deferred({ deferred_changes: changes = [], deferred_action_invocations: invoked = [] }: PlanJson): OtherChange[] {
  const because = (reason = "unknown"): string => `is left for a later plan: ${reason.replaceAll("_", " ")}`;
  return [
    ...changes.map(({ reason, resource_change: { address } }): OtherChange => ({ kind: "deferred", address, what: because(reason) })),
    ...invoked.map(({ reason, action_invocation: { address } }): OtherChange => ({ kind: "deferred", address, what: because(reason) })),
  ];
}

function failedChecks({ checks = [] }: PlanJson, { secrets }: StackContext): OtherChange[] {
  return checks
    .filter(({ status }) => status === "fail" || status === "error")
    .map(({ address, instances = [] }) => {
      const problems = instances.flatMap((instance) => instance.problems ?? []).flatMap(({ message }) => message ?? []);
      return {
        kind: "check",
        address: address.to_display,
        what: problems.length === 0 ? "fails" : `fails: ${shortened(secrets.redactProse(problems.join(" ")))}`,
      };
    });
}

function outputs({ output_changes: changes = {} }: PlanJson, context: StackContext): OtherChange[] {
  return Object.entries(changes)
    .filter(([, { actions: done }]) => !done.includes("no-op"))
    .map(
      ([
        name,
        {
          actions: [action = "update"],
          after,
          after_unknown: unknown,
          after_sensitive: mask,
        },
      ]) => {
        const address = `output.${name}`;
        const what = `is ${{ create: "new", delete: "taken away" }[action as string] ?? "another value"}`;
        return {
          kind: "output",
          address,
          what,
          ...(isMasked(unknown) ? {} : digestOf(address, after, isCrossStack(name) ? undefined : mask, context)),
        };
      },
    );
}

function digestOf(
  place: string,
  value: unknown,
  mask: unknown,
  { digests, secrets }: StackContext,
): ReturnType<StackContext["digests"]["of"]> {
  const text = JSON.stringify(value ?? null);
  return digests.of(place, value, isMasked(mask) || secrets.redact(text) !== text);
}
