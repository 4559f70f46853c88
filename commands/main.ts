import { CommanderError } from "commander";
import { CommandError } from "../config/command-error";
import { inertLines } from "../config/inert-text";
import { drydockProgram } from "./program";
import { refuseUnknownCommand } from "./unknown-command";

/** A command that never comes to its end must not look like one that succeeded. */
const UNFINISHED = 70;
process.exitCode = UNFINISHED;

async function run(): Promise<void> {
  const program = drydockProgram();
  refuseUnknownCommand(program, process.argv.slice(2));
  await program.parseAsync();
}

const ended = run().then(() => {
  if (process.exitCode === UNFINISHED) process.exitCode = 0;
});

ended.catch((error: unknown) => {
  if (error instanceof CommanderError) {
    // Help that was asked for with the word is no failure; help in the place of a missing command is one.
    const asked = error.code === "commander.help" && process.argv.includes("help");
    process.exitCode = error.exitCode === 0 || asked ? 0 : 2;
  } else if (error instanceof CommandError) {
    const message = inertLines(error.message);
    process.stderr.write(message.endsWith("\n") ? message : `${message}\n`);
    process.exitCode = error.exitCode;
  } else if (isDiskTrouble(error)) {
    process.stderr.write(`${error.message}. Make room, or let this user write there, and run it again.\n`);
    process.exitCode = 1;
  } else {
    // A stack trace reaches a user only for our own bug.
    console.error(error);
    process.exitCode = 1;
  }
});

function isDiskTrouble(error: unknown): error is Error {
  return error instanceof Error && "code" in error && ["ENOSPC", "EACCES", "EROFS", "EDQUOT", "EPERM"].includes(String(error.code));
}
