import type { Command } from "commander";
import { closest } from "fastest-levenshtein";
import { CommandError } from "../config/command-error";

/**
 * Refuses a command that does not exist, also where its help is asked for: Commander answers `nonsense --help` and
 * `help nonsense` with the help of everything, as if the command were there.
 *
 * @param words what was typed after the program's name
 * @throws {CommandError} with exit code 2 and the nearest name
 */
export function refuseUnknownCommand(program: Command, words: readonly string[]): void {
  let at = program;
  for (const word of words) {
    if (word === "help") continue;
    if (word.startsWith("-") || at.commands.length === 0) return;
    const next = at.commands.find((command) => command.name() === word || command.aliases().includes(word));
    if (!next) {
      const names = at.commands.map((command) => command.name());
      throw new CommandError(
        `There is no command ${pathOf(at)} ${word}. Did you mean ${pathOf(at)} ${closest(word, names)}? There are: ${names.join(", ")}.`,
        2,
      );
    }
    at = next;
  }
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}
