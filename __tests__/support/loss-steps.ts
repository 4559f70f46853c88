import { stepsBeforeLoss } from "../../preview/plans/steps-before-loss";
import type { Action, ResourceChange } from "../../terraform/plan-json";
import type { ProgramResource } from "../../terraform/program";

/** Attributes or arguments of a resource. */
export type Values = Readonly<Record<string, unknown>>;

/** A planned change; without attributes before it creates, without any after it deletes. */
export function changeOf(
  type: string,
  before: Values | null,
  after: Values | null,
  rest: Partial<ResourceChange["change"]> = {},
): ResourceChange {
  const actions: readonly Action[] = before === null ? ["create"] : after === null ? ["delete"] : ["update"];
  return { address: `${type}.it`, mode: "managed", type, name: "it", change: { actions, before, after, ...rest } };
}

/** The resource in a program. */
export function program(type: string, args: Values): ProgramResource {
  return { address: `${type}.it`, type, constructPath: "it", arguments: args };
}

/** What is said of a change from one set of attributes to another. */
export function said(type: string, before: Values | null, after: Values | null): readonly string[] {
  return stepsBeforeLoss(changeOf(type, before, after), undefined, undefined).map(({ path, what }) => `${path}: ${what}`);
}
