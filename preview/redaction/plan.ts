import patterns from "../../facts/secret-patterns.json";
import type { PlanJson, ResourceChange } from "../../terraform/plan-json";
import type { Secrets } from "./secrets";
import { collectSecrets, type Mask } from "./structure";

/** The parts of a plan in which secrets lie besides its changes. */
interface SecretPlaces {
  readonly output_changes?: Readonly<Record<string, Partial<ResourceChange["change"]>>>;
  readonly prior_state?: { readonly values?: StateValues };
  readonly planned_values?: StateValues;
  readonly variables?: Readonly<Record<string, { readonly value?: unknown }>>;
  readonly configuration?: {
    readonly provider_config?: unknown;
    readonly root_module?: { readonly variables?: Readonly<Record<string, { readonly sensitive?: boolean }>> };
  };
}

interface StateValues {
  readonly outputs?: Readonly<Record<string, { readonly value?: unknown; readonly sensitive?: boolean }>>;
  readonly root_module?: StateModule;
}

interface StateModule {
  readonly resources?: readonly { readonly type: string; readonly values?: unknown; readonly sensitive_values?: unknown }[];
  readonly child_modules?: readonly StateModule[];
}

const ATTRIBUTES: Readonly<Record<string, readonly string[] | undefined>> = patterns.resources.attributes;

/** Remembers every secret of a plan: of changes, drift, outputs, variables, providers, and of everything in its state, data included. */
export function collectPlan(secrets: Secrets, plan: PlanJson): void {
  const { output_changes: outputs = {}, prior_state, planned_values, variables = {}, configuration } = plan as PlanJson & SecretPlaces;
  for (const { type, change } of [...(plan.resource_changes ?? []), ...(plan.resource_drift ?? [])]) {
    const { before_sensitive, after_sensitive } = withTypeMasks(type, change);
    collectSecrets(secrets, change.before, before_sensitive);
    collectSecrets(secrets, change.after, after_sensitive);
  }
  for (const [name, { before, after, before_sensitive, after_sensitive }] of Object.entries(outputs)) {
    collectNamed(secrets, name, before, before_sensitive);
    collectNamed(secrets, name, after, after_sensitive);
  }
  for (const values of [prior_state?.values, planned_values]) {
    for (const [name, { value, sensitive }] of Object.entries(values?.outputs ?? {})) collectNamed(secrets, name, value, sensitive);
    collectModule(secrets, values?.root_module);
  }
  for (const [name, { value }] of Object.entries(variables))
    collectNamed(secrets, name, value, configuration?.root_module?.variables?.[name]?.sensitive);
  collectSecrets(secrets, configuration?.provider_config, undefined);
}

/** A change with what is secret by its type masked, too: not every provider marks the data of a Secret. */
export function withTypeMasks(type: string, change: ResourceChange["change"]): ResourceChange["change"] {
  if (!ATTRIBUTES[type]) return change;
  return {
    ...change,
    before_sensitive: maskOf(type, change.before, change.before_sensitive),
    after_sensitive: maskOf(type, change.after, change.after_sensitive),
  };
}

/** Remembers the secrets among the arguments or attributes of a resource. */
export function collectResource(secrets: Secrets, type: string, values: unknown, mask: Mask): void {
  collectSecrets(secrets, values, maskOf(type, values, mask));
}

/** A mask with what is secret by a resource's type added; what is not there needs none. */
function maskOf(type: string, values: unknown, mask: Mask): Mask {
  const secret = ATTRIBUTES[type];
  if (!secret || mask === true || typeof values !== "object" || values === null) return mask;
  const own = Object.keys(values).filter((name) => secret.includes(name));
  return { ...(typeof mask === "object" ? mask : {}), ...Object.fromEntries(own.map((name) => [name, true])) };
}

/**
 * An output or a variable is an object of one key. cdktf marks every output that stacks read of each other, ids of subnets
 * too: there the attribute that it holds says whether it is secret.
 */
function collectNamed(secrets: Secrets, name: string, value: unknown, mask: Mask): void {
  if (isCrossStack(name)) return;
  collectSecrets(secrets, { [name]: value }, { [name]: mask });
}

/** Whether an output is one that cdktf made for other stacks. */
export function isCrossStack(output: string): boolean {
  return output.startsWith("cross-stack-output-");
}

function collectModule(secrets: Secrets, module: StateModule | undefined): void {
  for (const { type, values, sensitive_values } of module?.resources ?? []) collectResource(secrets, type, values, sensitive_values);
  for (const child of module?.child_modules ?? []) collectModule(secrets, child);
}
