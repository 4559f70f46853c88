import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Validator, type Schema } from "@cfworker/json-schema";
import { parse } from "yaml";
import { PACKAGE_FOLDER, packageName, type LockedChart } from "../config/chart-lock";
import type { Problem } from "../config/problems";
import { readArchive, type ArchiveFile } from "./archive";

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
  const problems = await Promise.all(
    charts.map(async (chart) => {
      const path = join(root, PACKAGE_FOLDER, packageName(chart));
      if (!existsSync(path)) return [];
      const bytes = readFileSync(path);
      const tampered = tampering(chart, bytes);
      if (tampered) return [tampered];
      const files = await readArchive(bytes).catch(() => undefined);
      if (!files) return [unreadable(chart)];
      return releases.filter((release) => release.chart === chart.name).flatMap((release) => violations(chart, files, release));
    }),
  );
  return problems.flat();
}

/** What a digest does not tell while the lock has none. */
function unreadable(chart: LockedChart): Problem {
  return {
    path: join(PACKAGE_FOLDER, packageName(chart)),
    reason: "is no whole package",
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
  const schema = JSON.parse(source) as Schema;
  const whole = withDefaults(parse(text("values.yaml") ?? "{}"), values);
  const { errors } = new Validator(schema, draftOf(schema), false).validate(whole);
  // A violated part also shows as a violation of everything around it; the innermost says what is wrong.
  return errors
    .filter(({ instanceLocation: outer }) => !errors.some(({ instanceLocation: inner }) => inner.startsWith(`${outer}/`)))
    .map(({ instanceLocation, error }) => ({
      path: [path, ...instanceLocation.split("/").slice(1)].join("."),
      reason: `does not follow the schema of ${chart}: ${error}`,
      fix: "see the chart's values.schema.json",
    }));
}

/** Values as Helm completes them with the chart's own: objects are joined, a null takes a default away. */
function withDefaults(defaults: unknown, values: unknown): unknown {
  if (!isObject(defaults) || !isObject(values)) return values === undefined ? defaults : values;
  const keys = [...new Set([...Object.keys(defaults), ...Object.keys(values)])];
  return Object.fromEntries(keys.filter((key) => values[key] !== null).map((key) => [key, withDefaults(defaults[key], values[key])]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function draftOf(schema: Schema): "7" | "2020-12" {
  return /draft-0[4-7]/.test(String(schema.$schema)) ? "7" : "2020-12";
}
