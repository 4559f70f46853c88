import fc from "fast-check";
import type { AffectedStack } from "../../preview/affected";
import { guard } from "../../preview/guard";
import { Digests } from "../../preview/plans/digests";
import { collectPlanSecrets, previewStack } from "../../preview/plans/stack-preview";
import type { Mode } from "../../preview/plans/outcome";
import { Secrets } from "../../preview/redaction/secrets";
import type { PreviewReport, ResourcePreview } from "../../preview/report/model";
import { Facts } from "../../rehearsal/facts";
import type { PlanJson, ResourceChange } from "../../terraform/plan-json";
import type { ProgramStack } from "../../terraform/program";
import { ROOT } from "./checkout";
import { aReport } from "./reports";

type Attributes = Readonly<Record<string, unknown>>;

const facts = new Facts(ROOT);

/** A change of one resource as a plan has it. */
export function aPlanned(
  actions: ResourceChange["change"]["actions"],
  before: Attributes | null,
  after: Attributes | null,
  more: Partial<Omit<ResourceChange, "change">> & { readonly change?: Partial<ResourceChange["change"]> } = {},
): ResourceChange {
  const type = more.type ?? "aws_s3_bucket";
  return {
    address: `${type}.x`,
    mode: "managed",
    name: "x",
    ...more,
    type,
    change: { actions, before, after, ...more.change },
  };
}

/** A stack whose program declares these arguments, by type. */
export function aProgram(name: string, resource: Readonly<Record<string, Attributes>>, provider: Attributes = {}): ProgramStack {
  return {
    name,
    dependencies: [],
    directory: "",
    resources: Object.entries(resource).map(([type, args]) => ({
      address: `${type}.x`,
      type,
      constructPath: `${name}/x`,
      arguments: args,
    })),
    json: { provider: { aws: [provider] } },
  };
}

/** What a report is made of besides the plan. */
export interface ReportOptions {
  readonly base?: ProgramStack;
  readonly head?: ProgramStack;
  readonly mode?: Mode;
  readonly key?: Buffer;
  /** Changes that the plan is held to. */
  readonly reviewed?: readonly ResourcePreview[];
}

/** The report of a plan of one stack, made as a preview makes it. */
export function reportOf(plan: Partial<PlanJson>, { base, head, mode = "real", key, reviewed }: ReportOptions = {}): PreviewReport {
  const stack: AffectedStack = { name: "dev", cause: "changed", base, head };
  const whole: PlanJson = { format_version: "1.2", terraform_version: "1.11.4", ...plan };
  const planned = { stack, outcome: { status: "planned", mode, plan: whole, pending: [], stale: [] } } as const;
  const secrets = new Secrets();
  collectPlanSecrets(secrets, planned);
  const digests = new Digests(key);
  const preview = previewStack({ planned, mode, secrets, facts, digests, charts: [], ...(reviewed ? { reviewed } : {}) });
  return aReport({ mode, digests: digests.kind, stacks: [preview], counts: preview.counts, guard: guard([preview], []) });
}

/** Any value that a plan may hold. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.string({ minLength: 900, maxLength: 1500 }),
  fc.array(fc.string(), { minLength: 1, maxLength: 4 }),
  fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { minKeys: 1, maxKeys: 3 }),
  fc.record({ a: fc.string(), b: fc.integer() }).map((value) => JSON.stringify(value)),
);
