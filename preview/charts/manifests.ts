import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createTwoFilesPatch } from "diff";
import { execa } from "execa";
import { parseAllDocuments, stringify } from "yaml";
import { PACKAGE_FOLDER } from "../../config/chart-lock";
import { HIDDEN, type Secrets } from "../redaction/secrets";
import type { ChartPreview } from "../report/model";
import type { ChartPackage, ReleaseChange } from "./releases";

/** Longest time that rendering one release may take, in milliseconds: a template may loop for ever. */
const RENDER_MS = 60_000;

/** Longest diff that a report carries, in characters. */
const LONGEST = 40_000;

/** Where packages are and for which cluster they are rendered. */
export interface RenderPlace {
  readonly root: string;
  /** Folders that Terraform runs in before and after: programs name packages from there. */
  readonly directories?: { readonly before: string | undefined; readonly after: string | undefined };
  /** Kubernetes minor, such as `1.36`; Helm assumes an old one otherwise. */
  readonly kubernetes: string | undefined;
  readonly secrets: Secrets;
}

/**
 * Compares what a release renders to before and after, where both packages and Helm are at hand. Nothing is downloaded:
 * a preview must not depend on a chart repository.
 */
export async function compareManifests(change: ReleaseChange, place: RenderPlace): Promise<ChartPreview["manifests"]> {
  const files = [
    packageFile(change.before, place.directories?.before, place.root),
    packageFile(change.after, place.directories?.after, place.root),
  ];
  const missing = files.find((file) => file !== undefined && !existsSync(file));
  if (missing !== undefined) return { status: "not compared", because: `${basename(missing)} is not in ${PACKAGE_FOLDER}` };
  if ((await execa("helm", ["version", "--short"], { reject: false, stdin: "ignore" })).exitCode !== 0)
    return { status: "not compared", because: "Helm is not on PATH" };
  const folder = mkdtempSync(join(tmpdir(), "drydock-render-"));
  try {
    const [before, after] = [
      await render(change, files[0], change.change.before, folder, place),
      await render(change, files[1], change.change.after, folder, place),
    ];
    return { status: "compared", diff: difference(before, after, place.secrets) };
  } catch (error) {
    const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return { status: "not compared", because: place.secrets.redactProse(line) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A package beside the program that names it, or where packages are pulled to. */
function packageFile(chart: ChartPackage | undefined, directory: string | undefined, root: string): string | undefined {
  if (!chart) return undefined;
  const beside = directory === undefined ? undefined : join(directory, chart.path);
  return beside !== undefined && existsSync(beside) ? beside : join(root, PACKAGE_FOLDER, basename(chart.path));
}

/** Manifests by kind and name. */
type Manifests = ReadonlyMap<string, Manifest>;

interface Manifest {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, unknown>>;
  readonly stringData?: Readonly<Record<string, unknown>>;
}

async function render(
  { release, namespace }: ReleaseChange,
  file: string | undefined,
  attributes: Readonly<Record<string, unknown>> | null,
  folder: string,
  { kubernetes }: RenderPlace,
): Promise<Manifests> {
  if (file === undefined || attributes === null) return new Map();
  const values = (Array.isArray(attributes["values"]) ? attributes["values"] : []).map((text, index) => {
    const path = join(folder, `values-${index}.yaml`);
    writeFileSync(path, String(text), { mode: 0o600 });
    return ["--values", path];
  });
  const args = ["template", release, file, "--namespace", namespace, "--include-crds", ...values.flat()];
  if (kubernetes !== undefined) args.push("--kube-version", kubernetes);
  const result = await execa("helm", args, { reject: false, stdin: "ignore", maxBuffer: 64 * 1024 * 1024, timeout: RENDER_MS });
  if (result.exitCode !== 0) throw new Error(`helm template ${basename(file)} failed: ${result.stderr.trim()}`);
  const documents = parseAllDocuments(result.stdout).map((document) => document.toJS() as Manifest | null);
  return new Map(documents.flatMap((manifest) => (manifest?.kind === undefined ? [] : [[nameOf(manifest), manifest]])));
}

function nameOf({ kind = "", metadata }: Manifest): string {
  return [kind, metadata?.namespace, metadata?.name].filter((part) => part !== undefined).join(" ");
}

function difference(before: Manifests, after: Manifests, secrets: Secrets): string {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  const parts = names.flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    const [left, right] = [textOf(old, undefined), textOf(now, old)];
    if (left === right) return [];
    return [secrets.redactProse(createTwoFilesPatch(name, name, left, right, "", "", { context: 2 }).replace(/^=+\n/, ""))];
  });
  const diff = parts.join("");
  return diff.length > LONGEST ? `${diff.slice(0, LONGEST)}\n… ${diff.length - LONGEST} more characters\n` : diff;
}

/** A manifest as text; of a Secret only whether each entry changed. */
function textOf(manifest: Manifest | undefined, old: Manifest | undefined): string {
  if (!manifest) return "";
  if (manifest.kind !== "Secret") return stringify(manifest, { lineWidth: 0 });
  const hidden = (entries: Manifest["data"], former: Manifest["data"]) =>
    entries &&
    Object.fromEntries(
      Object.entries(entries).map(([key, value]) => [key, old && former?.[key] !== value ? `${HIDDEN}, changed` : HIDDEN]),
    );
  return stringify(
    { ...manifest, data: hidden(manifest.data, old?.data), stringData: hidden(manifest.stringData, old?.stringData) },
    { lineWidth: 0 },
  );
}
