import { resolve } from "node:path";
import { CommandError } from "../config/command-error";
import { refuseForeignState } from "./never-over-real-state";

// Stands before Terraform while a command runs under the stand-in: terraform-guard <state folder> <arguments of terraform>
const [, , stateFolder = "", ...args] = process.argv;

/** Commands that read and write no state. */
const HARMLESS = ["version", "fmt", "-version", "--version", "-help", "--help"];

const command = args.find((argument) => !argument.startsWith("-")) ?? args[0] ?? "-help";
if (!HARMLESS.includes(command)) {
  const directory = args.find((argument) => argument.startsWith("-chdir="))?.slice("-chdir=".length) ?? ".";
  try {
    refuseForeignState(resolve(directory), stateFolder);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}
