import { isNativeError } from "node:util/types";

/** Longest quotation of what others wrote and longest message with some, in characters. */
const LONGEST = { quotation: 200, message: 2000 };

/**
 * Words of others as they may stand in a message: one line, without what steers a terminal or a log (control and format
 * characters), and not longer than a person reads.
 */
export function plainText(text: string, longest = LONGEST.quotation): string {
  const line = text.replace(STEERING, "?");
  return line.length > longest ? `${line.slice(0, longest)}...` : line;
}

/** Whether a text could steer what shows it. */
export function isPlain(text: string): boolean {
  return text.search(STEERING) === -1;
}

const STEERING = /[\p{C}\p{Zl}\p{Zp}]+/gu;

/** What an error says, as {@link plainText}. */
export function plainReason(error: unknown): string {
  // An error of another context is no instance of this one's class.
  return plainText(isNativeError(error) ? error.message : String(error), LONGEST.message);
}
