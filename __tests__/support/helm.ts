import { delimiter, dirname } from "node:path";
import { execa } from "execa";
import { GoMissing, goTool, HELM } from "../../charts/go-tool";

/**
 * Path of Helm; built on first use.
 * @returns undefined, after saying so, where it cannot be built because there is no Go; in CI that is an error
 */
export async function helmOrSkip(): Promise<string | undefined> {
  return orSkip("Charts were not rendered", () => goTool(HELM));
}

/**
 * Puts Helm on PATH, where what a test runs looks for it.
 * @returns whether there is one
 */
export async function provideHelm(): Promise<boolean> {
  const helm = await helmOrSkip();
  if (helm === undefined) return false;
  process.env["PATH"] = `${dirname(helm)}${delimiter}${process.env["PATH"] ?? ""}`;
  return true;
}

/**
 * Folder of a Go module, downloaded on first use and checked against Go's checksum database.
 * @returns undefined, after saying so, where there is no Go; in CI that is an error
 */
export async function goModuleOrSkip(module: string, version: string): Promise<string | undefined> {
  return orSkip(`${module} was not read`, async () => {
    const result = await execa("go", ["mod", "download", "-json", `${module}@${version}`], { reject: false, stdin: "ignore" });
    if (result.code === "ENOENT") throw new GoMissing(module);
    if (result.exitCode !== 0) throw new Error(result.stdout + result.stderr);
    return (JSON.parse(result.stdout) as { readonly Dir: string }).Dir;
  });
}

async function orSkip(consequence: string, make: () => Promise<string>): Promise<string | undefined> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof GoMissing) || process.env["CI"] === "true") throw error;
    console.warn(`${consequence}: ${error.message}`);
    return undefined;
  }
}
