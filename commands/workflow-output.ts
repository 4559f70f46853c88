import { appendFileSync } from "node:fs";

/** Hands a value of one line to later steps and jobs of a workflow. */
export function setOutput(name: string, value: string): void {
  const { GITHUB_OUTPUT: file } = process.env;
  if (file !== undefined && file !== "") appendFileSync(file, `${name}=${value.replaceAll(/[\r\n]/g, " ")}\n`);
}
