import { createHash } from "node:crypto";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { Validator, type OutputUnit, type Schema } from "@cfworker/json-schema";
import { PACKAGE_FOLDER, packageName, type LockedChart } from "../config/chart-lock";
import { isObject } from "../config/objects";
import type { Problem } from "../config/problems";
import { readArchive, type ArchiveFile } from "./archive";
import { readPackage } from "./package-files";
import { readPackageYaml } from "./package-yaml";
import { plainReason, plainText } from "./plain-text";

/** Largest values.yaml that is read, in bytes; the largest charts have a quarter of it. */
const MAX_VALUES = 1024 * 1024;

/** Longest time that a chart's own schema may take, in milliseconds: its patterns may be written to take forever. */
const MAX_SCHEMA_MS = 5_000;

/** Values that a release gives to a chart. */
export interface ReleaseValues {
  /** Where the values are declared. */
  readonly path: string;
  readonly chart: string;
  readonly values: object;
}

/**
 * Checks the packages that are at hand: each must be what the lock says, and the values of every release must follow its
 * chart's own schema. A package that is missing is no problem here.
 */
export async function checkPackages(
  root: string,
  charts: readonly LockedChart[],
  releases: readonly ReleaseValues[],
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  // One after the other: each may take much memory.
  for (const chart of charts) problems.push(...(await problemsOf(root, chart, releases)));
  return problems;
}

async function problemsOf(root: string, chart: LockedChart, releases: readonly ReleaseValues[]): Promise<readonly Problem[]> {
  try {
    const bytes = readPackage(join(root, PACKAGE_FOLDER, packageName(chart)));
    if (!bytes) return [];
    const tampered = tampering(chart, bytes);
    if (tampered) return [tampered];
    const files = await readArchive(bytes);
    return releases.filter((release) => release.chart === chart.name).flatMap((release) => violations(chart, files, release));
  } catch (error) {
    return [unusable(chart, error)];
  }
}

/** What a digest does not tell while the lock has none, or has that of a package which was never any good. */
function unusable(chart: LockedChart, error: unknown): Problem {
  return {
    path: join(PACKAGE_FOLDER, packageName(chart)),
    reason: `cannot be used: ${plainReason(error)}`,
    fix: "delete it and run npx drydock charts pull",
  };
}

function tampering(chart: LockedChart, bytes: Buffer): Problem | undefined {
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (chart.sha256 === null || chart.sha256 === digest) return undefined;
  return {
    path: join(PACKAGE_FOLDER, packageName(chart)),
    reason: `has the digest ${digest}, and the lock says ${chart.sha256}`,
    fix: "delete it and run npx drydock charts pull",
  };
}

/** Interprets the schema instead of compiling it: it is used once, and compiling the largest takes longer than all else. */
function violations({ name }: LockedChart, files: readonly ArchiveFile[], { path, chart, values }: ReleaseValues): readonly Problem[] {
  const text = (file: string) => files.find((each) => each.name === `${name}/${file}`)?.content;
  const source = text("values.schema.json");
  if (source === undefined) return [];
  const schema = schemaIn(source);
  const [defaults] = readPackageYaml({ name: `${name}/values.yaml`, content: text("values.yaml") ?? "{}" }, MAX_VALUES);
  const whole = withDefaults(defaults, values);
  const errors = inTime(() => new Validator(schema, draftOf(schema), false).validate(whole).errors);
  // A violated part also shows as a violation of everything around it; the innermost says what is wrong.
  return errors
    .filter(({ instanceLocation: outer }) => !errors.some(({ instanceLocation: inner }) => inner.startsWith(`${outer}/`)))
    .map(({ instanceLocation, error }) => ({
      path: [path, ...instanceLocation.split("/").slice(1)].join("."),
      reason: `does not follow the schema of ${chart}: ${plainText(error)}`,
      fix: "see the chart's values.schema.json",
    }));
}

function schemaIn(source: string): Schema {
  try {
    // As Helm does, without a byte order mark.
    const schema: unknown = JSON.parse(source.replace(/^\uFEFF/, ""));
    if (isObject(schema)) return schema;
  } catch (error) {
    throw new Error(`the package's values.schema.json is no JSON: ${plainReason(error)}`, { cause: error });
  }
  throw new Error("the package's values.schema.json is no schema");
}

/** Runs what may take forever: V8 ends what was called from a context of its own, a pattern in the middle of its search too. */
function inTime(check: () => OutputUnit[]): OutputUnit[] {
  let errors: OutputUnit[] = [];
  try {
    runInNewContext("check()", { check: () => void (errors = check()) }, { timeout: MAX_SCHEMA_MS });
  } catch (error) {
    throw new Error(`the package's values.schema.json cannot be followed: ${plainReason(error)}`, { cause: error });
  }
  return errors;
}

/** Values as Helm completes them with the chart's own: objects are joined, a null takes a default away. */
function withDefaults(defaults: unknown, values: unknown): unknown {
  if (!isObject(defaults) || !isObject(values)) return values === undefined ? defaults : values;
  const keys = [...new Set([...Object.keys(defaults), ...Object.keys(values)])];
  return Object.fromEntries(keys.filter((key) => values[key] !== null).map((key) => [key, withDefaults(defaults[key], values[key])]));
}

function draftOf(schema: Schema): "7" | "2020-12" {
  return /draft-0[4-7]/.test(String(schema.$schema)) ? "7" : "2020-12";
}
