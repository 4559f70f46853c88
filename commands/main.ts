import { Command, CommanderError } from "commander";
import packageJson from "../package.json";
import { CommandError } from "../config/command-error";
import { inertLines } from "../config/inert-text";
import { chartsCommand } from "./charts";
import { deployCommand } from "./deploy";
import { driftCommand } from "./drift";
import { graphCommand } from "./graph";
import { overviewCommand } from "./overview";
import { previewCommand } from "./preview";
import { publishCommand } from "./publish";
import { recoverCommand } from "./recover";
import { rehearseCommand } from "./rehearse";
import { reviewCommand } from "./review";
import { standInCommand } from "./stand-in";
import { worldCommand } from "./world";

const program = new Command("drydock")
  .description("A Kubernetes platform on AWS, declared in one typed file and rehearsed before it touches your account.")
  .version(packageJson.version)
  .exitOverride()
  .showHelpAfterError("(drydock --help lists the commands)");

for (const command of [
  overviewCommand(),
  rehearseCommand(),
  previewCommand(),
  driftCommand(),
  reviewCommand(),
  deployCommand(),
  publishCommand(),
  standInCommand(),
  recoverCommand(),
  worldCommand(),
  chartsCommand(),
  graphCommand(),
])
  program.addCommand(inheriting(command));

/** Sub-commands take over how the program ends and what it says about wrong arguments. */
function inheriting(command: Command): Command {
  command.commands.forEach(inheriting);
  return command.copyInheritedSettings(program);
}

/** A command that never comes to its end must not look like one that succeeded. */
const UNFINISHED = 70;
process.exitCode = UNFINISHED;

const ended = program.parseAsync().then(() => {
  if (process.exitCode === UNFINISHED) process.exitCode = 0;
});

ended.catch((error: unknown) => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
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
