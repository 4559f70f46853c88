import { stringify } from "yaml";
import { crdsChartName, type LockedChart } from "../config/chart-lock";
import { isObject } from "../config/objects";
import { readArchive, writeArchive, type ArchiveFile } from "./archive";
import { readPackageYaml } from "./package-yaml";
import { plainText } from "./plain-text";

/** Helm keeps a release in one Secret, which may hold one MiB; base64 and gzip leave room for about this much. */
const MAX_BYTES = 700 * 1024;

/** Largest file with definitions that is read: Helm loads no larger file. */
const MAX_DEFINITIONS = 5 * 1024 * 1024;

/** Most of all definitions of one package that is read, in lexical units: some 200,000 lines, which take seconds. */
const MAX_ALL_UNITS = 1_500_000;

/** Largest Chart.yaml that is read. */
const MAX_MANIFEST = 64 * 1024;

/**
 * Makes a chart of the custom resource definitions that another chart leaves in `crds/`, where Helm never upgrades
 * them: as templates they are upgraded like everything else, and kept when the release goes. Only those the lock
 * names are in it.
 *
 * @throws {Error} when the chart lacks one of them, or its package is not to be trusted
 */
export async function deriveCrdsPackage(chart: LockedChart, source: Buffer): Promise<Buffer> {
  const name = crdsChartName(chart);
  const definitions = definitionsIn(await readArchive(source), new Set(chart.crds.names));
  const templates = chart.crds.names.map((wanted) => {
    const definition = definitions.get(wanted);
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

/**
 * Checks that a package is the chart that the lock means.
 * @throws {Error} with a sentence when it holds another one, or its package is not to be trusted
 */
export async function checkIdentity(chart: Pick<LockedChart, "name" | "version">, source: Buffer): Promise<void> {
  const files = await readArchive(source);
  const manifest = files.find((file) => /^[^/]+\/Chart\.yaml$/.test(file.name));
  if (!manifest) throw new Error("the package holds no Chart.yaml");
  const [content, ...more] = readPackageYaml(manifest, MAX_MANIFEST);
  const { name, version }: Mapping = isObject(content) ? content : {};
  if (typeof name !== "string" || typeof version !== "string" || more.length > 0)
    throw new Error(`the package's ${manifest.name} is no single mapping with a name and a version`);
  if (name !== chart.name || version.replace(/^v/, "") !== chart.version.replace(/^v/, ""))
    throw new Error(`the package holds ${plainText(name)} ${plainText(version)}, not ${chart.name} ${chart.version}`);
  // Values and their schema are looked for there.
  if (manifest.name !== `${name}/Chart.yaml`) throw new Error(`the package holds the folder of ${manifest.name}, not ${name}`);
}

type Mapping = Readonly<Record<string, unknown>>;

/** Wanted definitions of a package, by name; where files repeat one, the first counts. */
function definitionsIn(files: readonly ArchiveFile[], wanted: ReadonlySet<string>): ReadonlyMap<string, Mapping> {
  const found = new Map<string, Mapping>();
  const budget = { units: MAX_ALL_UNITS };
  for (const file of files.filter(({ name }) => /^[^/]+\/crds\/.*\.ya?ml$/.test(name)))
    for (const definition of readPackageYaml(file, MAX_DEFINITIONS, budget)) {
      if (!isObject(definition) || definition["kind"] !== "CustomResourceDefinition" || !isObject(definition["metadata"])) continue;
      const { name } = definition["metadata"];
      if (typeof name === "string" && wanted.has(name) && !found.has(name)) found.set(name, definition);
    }
  return found;
}

/** A definition as a template: what looks like a template within it is text, and Helm keeps it on uninstall. */
function template(definition: Mapping): string {
  const metadata = isObject(definition["metadata"]) ? definition["metadata"] : {};
  const annotations = isObject(metadata["annotations"]) ? metadata["annotations"] : {};
  const kept = { ...definition, metadata: { ...metadata, annotations: { ...annotations, "helm.sh/resource-policy": "keep" } } };
  return stringify(kept, { lineWidth: 0 }).replaceAll("{{", '{{ "{{" }}');
}
