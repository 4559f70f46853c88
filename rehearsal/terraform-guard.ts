import { resolve } from "node:path";
import { CommandError } from "../config/command-error";
import { refuseForeignState } from "./never-over-real-state";

// Stands before Terraform while a command runs under the stand-in: terraform-guard <state folder> <arguments of terraform>
const [, , stateFolder = "", ...args] = process.argv;

/** Commands that read and write no state. */
const HARMLESS = ["version", "fmt", "-v", "-h", "help", "-version", "--version", "-help", "--help"];

const command = args.find((argument) => !argument.startsWith("-")) ?? args[0] ?? "-help";
/** Flags and variables that lead state elsewhere, whatever the program says. */
const ELSEWHERE = /^--?(state|state-out|backup|backend-config|migrate-state|reconfigure)(=|$)/;
const variable = Object.keys(process.env).find((name) => /^TF_(CLI_ARGS|WORKSPACE|DATA_DIR)/.test(name));
const flag = args.find((argument) => ELSEWHERE.test(argument));

if (!HARMLESS.includes(command) && (flag ?? variable) !== undefined) {
  process.stderr.write(`${flag ?? variable ?? ""} could lead state elsewhere. The stand-in never runs with it.\n`);
  process.exitCode = 2;
} else if (!HARMLESS.includes(command)) {
  const directory = args.find((argument) => argument.startsWith("-chdir="))?.slice("-chdir=".length) ?? ".";
  try {
    refuseForeignState(resolve(directory), stateFolder);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}
