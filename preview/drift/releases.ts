import { isDeepStrictEqual } from "node:util";
import { parse as parseYaml } from "yaml";
import { isObject } from "../../config/objects";
import { packageAt } from "../charts/releases";
import { differencesOf } from "../plans/differences";
import { Digests } from "../plans/digests";
import type { Secrets } from "../redaction/secrets";
import { collectSecrets } from "../redaction/structure";
import type { PlanJson } from "../../terraform/plan-json";
import type { ReleaseDrift } from "./model";

/** What the Helm provider reports of a release that runs. */
interface LiveRelease {
  readonly version?: string;
  /** JSON of the values that the release was installed with. */
  readonly values?: string;
}

/**
 * Releases that run with another version, or other values, than the program declares; the version is the lock's.
 *
 * @param refreshed plan whose state shows what runs
 * @param planned plan whose changes show what is declared, with what the program refers to filled in
 */
export function releaseDrift(refreshed: PlanJson, planned: PlanJson, secrets: Secrets): readonly ReleaseDrift[] {
  const live = (refreshed.prior_state?.values?.root_module?.resources ?? []).filter(({ type }) => type === "helm_release");
  return live.flatMap(({ address, values }) => {
    const declared = planned.resource_changes?.find((change) => change.address === address)?.change.after;
    const metadata = values["metadata"];
    const running = (Array.isArray(metadata) ? metadata[0] : metadata) as LiveRelease | undefined;
    if (!declared || !running) return [];
    const now = merged(running.values);
    // Values that are known only after an apply cannot be held against anything yet.
    const expected = { version: packageAt(declared["chart"])?.version, values: "values" in declared ? merged(declared["values"]) : now };
    // A chart without a version in its name has none to hold against what runs.
    const actual = { version: expected.version === "" ? "" : running.version, values: now };
    if (isDeepStrictEqual(expected, actual)) return [];
    collectSecrets(secrets, expected, undefined);
    collectSecrets(secrets, actual, undefined);
    const context = { secrets, digests: Digests.none(), address, given: {} };
    const { differences } = differencesOf({ actions: ["update"], before: actual, after: expected }, context);
    return differences.length === 0 ? [] : [{ release: String(values["name"]), address, differences }];
  });
}

/** Values as Helm merges them: later ones over earlier ones, objects key by key. */
function merged(values: unknown): unknown {
  const list: readonly unknown[] = Array.isArray(values) ? values : [values];
  const parts = list.map((part) => (typeof part === "string" ? parsed(part) : part));
  // What the stand-in reports is the list itself.
  return parts.map((part) => (Array.isArray(part) ? merged(part) : part)).reduce(overlay, {});
}

function parsed(text: string): unknown {
  try {
    return parseYaml(text);
  } catch {
    return {};
  }
}

function overlay(under: unknown, over: unknown): unknown {
  if (!isObject(under) || !isObject(over)) return over ?? under;
  return Object.fromEntries(
    [...new Set([...Object.keys(under), ...Object.keys(over)])].map((key) => [
      key,
      key in over ? overlay(under[key], over[key]) : under[key],
    ]),
  );
}
