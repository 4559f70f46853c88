import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import facts from "../../facts/loss-steps.json";
import { stepsOf } from "../../preview/plans/attribute-paths";
import { stepsBeforeLoss, type Step } from "../../preview/plans/steps-before-loss";
import { deriveSchema } from "../../rehearsal/provider/derive-schema";
import { blockType, type CtyType } from "../../rehearsal/provider/schema";
import { ROOT } from "../support/checkout";
import { changeOf, program, said, type Values } from "../support/loss-steps";

const STEPS: readonly Step[] = facts.steps;

describe("facts/loss-steps.json", () => {
  it("follows its schema", () => {
    const schema = JSON.parse(readFileSync(join(ROOT, "facts", "schema", "loss-steps.schema.json"), "utf8")) as object;
    const validate = addFormats(new Ajv({ allErrors: true, allowUnionTypes: true })).compile(schema);
    expect(validate(facts), JSON.stringify(validate.errors)).toBe(true);
  });

  it("names only attributes that the pinned providers have", () => {
    const unknown = STEPS.flatMap(({ types = [], path, in: where }) =>
      types.flatMap((type) => (path === undefined || where === "program" || leadsTo(type, path) ? [] : `${type} ${path}`)),
    );
    expect(unknown).toEqual([]);
  });

  it("has defaults that say the same as leaving the attribute out", () => {
    const defaults = STEPS.filter(({ absent, in: where }) => absent !== undefined && where === undefined);
    expect(defaults.length).toBeGreaterThan(50);
    for (const step of defaults) {
      const type = step.types?.[0] ?? "acme_store";
      const [out, given] = [nested(step, null), nested(step, step.absent)];
      expect([...said(type, out, given), ...said(type, given, out)]).toEqual([]);
    }
  });

  const judged = STEPS.filter(({ kind }) => kind !== "removed");
  it.each(judged.map((step) => [`${step.types?.join(", ") ?? "any type"}: ${step.path ?? ""} ${step.kind}`, step] as const))(
    "%s: weakening is a step, strengthening is none",
    (_, step) => {
      fc.assert(
        fc.property(weakening(step), fc.constantFrom(...(step.types ?? ["aws_db_instance", "acme_store"])), (values, type) => {
          const [strong, weak] = values.map((value) => nested(step, value)) as [Values, Values];
          const run = (before: Values, after: Values) =>
            step.in === "program"
              ? stepsBeforeLoss(changeOf(type, {}, {}), program(type, before), program(type, after))
              : stepsBeforeLoss(changeOf(type, before, after), undefined, undefined);
          expect(run(strong, weak).filter(({ what }) => what.startsWith(step.what))).toHaveLength(1);
          expect(run(weak, strong)).toEqual([]);
          expect(run(weak, weak)).toEqual([]);
        }),
        { numRuns: 20 },
      );
    },
  );
});

/** A value that protects, and one that protects less. */
function weakening({ kind, values = [true], unit = "" }: Step): fc.Arbitrary<readonly [unknown, unknown]> {
  const other = typeof values[0] === "boolean" ? false : "Other";
  if (kind !== "shortened") return fc.constantFrom(...values).map((hit) => (kind === "off" ? [hit, other] : [other, hit]));
  const text: Readonly<Record<string, (amount: number) => unknown>> = {
    duration: (amount) => `${amount}h`,
    size: (amount) => `${amount}GB`,
    date: (amount) => new Date(amount * 86_400_000).toISOString(),
  };
  const write = text[unit] ?? ((amount: number) => amount);
  return fc
    .tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 5000 }))
    .map(([less, more]) => [write(less + more), write(less)]);
}

/** Attributes with a value at the path of a step, elements and text as providers write them. */
function nested({ path = "", lists = {}, types }: Step, value: unknown): Values {
  const steps = stepsOf(path.replace("values.", "").replace("**", "a.b").replace("*", "daily"));
  const build = (rest: readonly string[], plain: string): unknown => {
    const [step, ...more] = rest;
    if (step === undefined) return value;
    const place = plain === "" ? step : `${plain}.${step}`;
    const inner = build(more, place);
    const list = lists[place];
    if (list === undefined) return { [step]: place === "policy" ? JSON.stringify(inner) : inner };
    return {
      [step]: [
        {
          ...Object.fromEntries(list.by.map((name) => [name, name.includes(".") ? undefined : "same"])),
          ...list.only,
          ...(inner as object),
        },
      ],
    };
  };
  const built = build(steps, "") as Values;
  if (types?.includes("helm_release")) return { values: [JSON.stringify(built)], manifest: built };
  return built;
}

/** Whether a path leads to an attribute or block of a type; what lies within text is not looked at. */
function leadsTo(type: string, path: string): boolean {
  if (type.startsWith("helm_") || type === "kubernetes_manifest") return true;
  // cdktf's package has no classes for the parts of stateful sets.
  if (type.startsWith("kubernetes_stateful_set")) return path.startsWith("spec.persistent_volume_claim_retention_policy.");
  const [provider = ""] = type.split("_");
  let at: CtyType | undefined = blockType(deriveSchema(ROOT, provider as "aws" | "kubernetes", "resource", type).block);
  for (const step of stepsOf(path)) {
    while (Array.isArray(at) && (at[0] === "list" || at[0] === "set")) at = at[1] as CtyType;
    if (at === "string") return true;
    if (!Array.isArray(at)) return false;
    at = at[0] === "map" ? (at[1] as CtyType) : (at[1] as Readonly<Record<string, CtyType>>)[step];
  }
  return at !== undefined;
}
