import type { Argument, Command, Option } from "commander";
import { drydockProgram } from "../commands/program";

/** The page of all commands and their options, from what the command line says of itself. */
export function commandReference(): string {
  return `# Commands

Written by \`npm run docs\` from the commands themselves; \`npx drydock <command> --help\` says the same.

${drydockProgram().commands.flatMap(sections).join("\n")}`;
}

function sections(command: Command): readonly string[] {
  if (command.commands.length > 0) return command.commands.flatMap(sections);
  const usage = [pathOf(command), ...command.registeredArguments.map(argumentWords)].join(" ");
  const options = command.options.map(row);
  const table = options.length === 0 ? "" : `\n| option | what it does | default |\n| --- | --- | --- |\n${options.join("\n")}\n`;
  return [`## \`${usage}\`\n\n${sentence(command.description())}\n${table}`];
}

function row(option: Option): string {
  const { flags, description, defaultValueDescription, argChoices, mandatory } = option;
  const defaultValue: unknown = option.defaultValue;
  const choices = argChoices ? `; one of ${argChoices.join(", ")}` : "";
  const fallback =
    defaultValue === undefined
      ? mandatory
        ? "must be given"
        : ""
      : (defaultValueDescription ?? `\`${typeof defaultValue === "string" ? defaultValue : JSON.stringify(defaultValue)}\``);
  return `| \`${flags}\` | ${cell(description + choices)} | ${fallback} |`;
}

function argumentWords(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`.replace("..", ".");
}
