import { createHash } from "node:crypto";

/** A chart of our own, under `local-charts/`. */
export interface LocalChart {
  readonly name: string;
  readonly version: string;
  /** sha256 over names and contents of its files. */
  readonly digest: string;
}

/** Folder with our own charts, relative to the checkout. */
export const LOCAL_CHART_FOLDER = "local-charts";

/** A file of a chart. */
export interface ChartFile {
  /** Path within the chart's folder, with `/` between its parts. */
  readonly name: string;
  readonly content: string;
}

/**
 * Reads what identifies a chart off its files.
 * @param files files of the chart; their order does not matter
 */
export function localChart(name: string, files: readonly ChartFile[]): LocalChart {
  const hash = createHash("sha256");
  for (const file of [...files].sort((a, b) => (a.name < b.name ? -1 : 1))) hash.update(`${file.name}\0${file.content}\0`);
  const manifest = files.find((file) => file.name === "Chart.yaml")?.content ?? "";
  return { name, version: /^version:\s*(\S+)\s*$/m.exec(manifest)?.[1] ?? "0.0.0", digest: hash.digest("hex") };
}

/** File name of a local chart's package: it changes with every byte of the chart, so that Helm upgrades what it made. */
export function localPackageName({ name, version, digest }: LocalChart): string {
  return `${name}-${version}-${digest.slice(0, 12)}.tgz`;
}
