import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

/** A file system of its own that is full after a few megabytes. */
export interface SmallDisk {
  readonly folder: string;
  /** Takes it away, with everything on it. */
  readonly remove: () => Promise<void>;
}

/** Mounting takes root, or sudo without a password, as on a CI runner. */
const AS_ROOT = process.getuid?.() === 0 ? [] : ["sudo", "-n"];

/** Whether small disks can be made; in CI they must. */
export async function canMount(): Promise<boolean> {
  try {
    await (await smallDisk(1)).remove();
    return true;
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    console.warn("No file system can be mounted here, so nothing was tested on a full disk.");
    return false;
  }
}

export async function smallDisk(megabytes: number): Promise<SmallDisk> {
  const folder = mkdtempSync(join(tmpdir(), "drydock-disk-"));
  const run = async (...command: readonly string[]): Promise<void> => {
    const [program = "", ...args] = [...AS_ROOT, ...command];
    await execa(program, args, { stdin: "ignore" });
  };
  try {
    await run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m,mode=0777`, "tmpfs", folder);
  } catch (error) {
    rmdirSync(folder);
    throw error;
  }
  const remove = async (): Promise<void> => {
    await run("umount", folder);
    rmdirSync(folder);
  };
  return { folder, remove };
}
