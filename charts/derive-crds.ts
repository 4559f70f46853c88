import { parse, parseAllDocuments, stringify } from "yaml";
import { readArchive, writeArchive } from "./archive";
import type { LockedChart } from "../config/chart-lock";

/** Helm keeps a release in one Secret, which may hold one MiB; base64 and gzip leave room for about this much. */
const MAX_BYTES = 700 * 1024;

/**
 * Makes a chart of the custom resource definitions that another chart leaves in `crds/`, where Helm never upgrades
 * them: as templates they are upgraded like everything else, and kept when the release goes. Only those the lock
 * names are in it.
 *
 * @throws {Error} when the chart lacks one of them
 */
export async function deriveCrdsPackage(chart: LockedChart, source: Buffer): Promise<Buffer> {
  const name = `${chart.name}-crds`;
  const files = await readArchive(source);
  const definitions = files
    .filter((file) => /^[^/]+\/crds\/.*\.ya?ml$/.test(file.name))
    .flatMap((file) => parseAllDocuments(file.content).map((document) => document.toJS() as Definition | null))
    .filter((definition): definition is Definition => definition?.kind === "CustomResourceDefinition");
  const templates = chart.crds.names.map((wanted) => {
    const definition = definitions.find(({ metadata }) => metadata.name === wanted);
    if (!definition) throw new Error(`${chart.name} ${chart.version} has no definition of ${wanted}; correct crds.names in the lock`);
    return { name: `${name}/templates/${wanted}.yaml`, content: template(definition) };
  });
  const manifest = stringify({
    apiVersion: "v2",
    name,
    version: chart.version,
    appVersion: chart.appVersion,
    description: `Custom resource definitions of ${chart.name}, derived from its package`,
  });
  const bytes = await writeArchive([{ name: `${name}/Chart.yaml`, content: manifest }, ...templates]);
  if (bytes.length > MAX_BYTES) throw new Error(`${name} has ${bytes.length} bytes, more than a Helm release can hold (${MAX_BYTES})`);
  return bytes;
}

/** Names of the charts that a package says it is: the check that an address leads to what the lock means. */
export async function identityOf(source: Buffer): Promise<{ readonly name: string; readonly version: string }> {
  const files = await readArchive(source);
  const manifest = files.find((file) => /^[^/]+\/Chart\.yaml$/.test(file.name));
  if (!manifest) throw new Error("it holds no Chart.yaml");
  return parse(manifest.content) as { name: string; version: string };
}

interface Definition {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
}

/** A definition as a template: what looks like a template within it is text, and Helm keeps it on uninstall. */
function template(definition: Definition): string {
  const kept = {
    ...definition,
    metadata: { ...definition.metadata, annotations: { ...definition.metadata.annotations, "helm.sh/resource-policy": "keep" } },
  };
  return stringify(kept, { lineWidth: 0 }).replaceAll("{{", '{{ "{{" }}');
}
