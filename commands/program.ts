import { Command } from "commander";
import packageJson from "../package.json";
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

/** The whole command line, ready to parse. */
export function drydockProgram(): Command {
  const program = new Command("drydock")
    .description("A Kubernetes platform on AWS, declared in one typed file and rehearsed before it touches your account.")
    .version(packageJson.version)
    .exitOverride()
    .showHelpAfterError("(drydock --help lists the commands)");
  /** Sub-commands take over how the program ends and what it says about wrong arguments. */
  const inheriting = (command: Command): Command => {
    command.commands.forEach(inheriting);
    return command.copyInheritedSettings(program);
  };
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
  return program;
}
