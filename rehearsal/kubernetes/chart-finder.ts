import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import { deriveCrdsPackage } from "../../charts/derive-crds";
import { readLock } from "../../charts/lock";
import { chartsOf, crdsPackageName, LOCK_FILE, PACKAGE_FOLDER, packageName, type Lock } from "../../config/chart-lock";
import { stubCrdsPackage, stubPackage } from "./stubs/package";

/** Finds packages of charts, and makes stubs of those that are missing. */
export class ChartFinder {
  /** Names of charts that were stubbed, for the report. */
  readonly stubbed = new Set<string>();
  private readonly lock: Lock;

  constructor(
    private readonly root: string,
    /** Folder of the synthesis, whose programs name packages relative to their own folder. */
    private readonly outdir: string,
    /** Folder that gets stubs. */
    private readonly stubs: string,
  ) {
    this.lock = readLock(join(root, LOCK_FILE));
  }

  /**
   * The package or folder that a chart argument leads to.
   * @throws {Error} when there is none and the lock knows no such chart
   */
  async find(argument: string): Promise<string> {
    const file = basename(argument);
    const places = [...(isAbsolute(argument) ? [argument] : []), join(this.outdir, "charts", file), join(this.root, PACKAGE_FOLDER, file)];
    return places.find(existsSync) ?? this.stub(file);
  }

  /**
   * Puts packages where programs name them, beside the others of the synthesis: a provider of others loads them itself.
   * @param chartArguments of every release
   */
  async place(chartArguments: readonly string[]): Promise<void> {
    const place = join(this.outdir, "charts");
    mkdirSync(place, { recursive: true });
    for (const argument of new Set(chartArguments)) {
      const [found, named] = [await this.find(argument), join(place, basename(argument))];
      if (found !== named) copyFileSync(found, named);
    }
  }

  private async stub(file: string): Promise<string> {
    const path = join(this.stubs, file);
    for (const chart of chartsOf(this.lock)) {
      const make = file === packageName(chart) ? stubPackage : file === crdsPackageName(chart) ? stubCrdsPackage : undefined;
      if (!make) continue;
      const source = join(this.root, PACKAGE_FOLDER, packageName(chart));
      // Without its derived package, a chart that is here still has its own definitions.
      const derived = make === stubCrdsPackage && existsSync(source);
      if (!derived) this.stubbed.add(chart.name);
      if (!existsSync(path)) {
        mkdirSync(this.stubs, { recursive: true });
        writeFileSync(path, await (derived ? deriveCrdsPackage(chart, readFileSync(source)) : make(chart)));
      }
      return path;
    }
    throw new Error(`There is no chart ${file}, and the lock does not know it.`);
  }
}
