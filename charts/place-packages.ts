import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readLocalChart } from "../config/files";
import { PACKAGE_FOLDER } from "../config/chart-lock";
import { localPackageName, type LocalChart } from "../config/local-charts";
import { writeArchive } from "./archive";

/** Folder of a synthesis that holds the packages its programs name. */
const PLACE = "charts";

/**
 * Puts packages beside the programs that name them, so that a synthesis is complete in itself: it can be planned and
 * applied elsewhere, and no program names a path of this machine.
 *
 * @param outdir where the programs were synthesized to
 * @param locked file names of packages of locked charts; those that are missing are left out
 * @returns file names of the missing packages
 */
export async function placePackages(
  root: string,
  outdir: string,
  locked: readonly string[],
  local: readonly LocalChart[],
): Promise<readonly string[]> {
  const place = join(outdir, PLACE);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  const missing = locked.filter((file) => !existsSync(join(root, PACKAGE_FOLDER, file)));
  for (const file of locked.filter((each) => !missing.includes(each))) copyFileSync(join(root, PACKAGE_FOLDER, file), join(place, file));
  for (const chart of local) writeFileSync(join(place, localPackageName(chart)), await packLocalChart(root, chart.name));
  return missing;
}

/** The package of one of our own charts. */
export async function packLocalChart(root: string, name: string): Promise<Buffer> {
  return writeArchive(readLocalChart(root, name).map((file) => ({ ...file, name: `${name}/${file.name}` })));
}
