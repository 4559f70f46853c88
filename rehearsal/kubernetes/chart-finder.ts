import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { PACKAGE_FOLDER } from "../../charts/lock";

/**
 * Finds what a chart argument of the program leads to. Programs name packages relative to their stack's folder; a
 * rehearsal has them in the checkout.
 */
export function chartFinder(root: string): (argument: string) => Promise<string> {
  return (argument) => {
    const candidates = [argument, join(root, PACKAGE_FOLDER, basename(argument)), join(root, "local-charts", basename(argument))];
    const found = candidates.find(existsSync);
    if (found === undefined) throw new Error(`There is no chart at ${argument}.`);
    return Promise.resolve(found);
  };
}
