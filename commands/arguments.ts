import { InvalidArgumentError } from "commander";

/**
 * Reads a count from the command line.
 * @throws {InvalidArgumentError} when it is not a whole number from 1
 */
export function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("It takes a whole number from 1.");
  return number;
}
