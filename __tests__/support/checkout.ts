import { cpSync, mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** This repository. */
export const ROOT = join(import.meta.dirname, "..", "..");

const LEFT_OUT = /\/(node_modules|\.git|cdktf\.out|\.drydock|\.terraform-state|__tests__|docs)$/;

/**
 * A copy of the program in a folder of its own, sharing `node_modules`; the caller removes it.
 * @param depth how many folders deeper than the temporary folder it lies
 */
export function copyCheckout(depth = 0): string {
  const folder = join(mkdtempSync(join(tmpdir(), "drydock-checkout-")), ...Array.from({ length: depth }, (_, index) => `d${index}`));
  mkdirSync(folder, { recursive: true });
  cpSync(ROOT, folder, { recursive: true, filter: (source) => !LEFT_OUT.test(source) });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}
