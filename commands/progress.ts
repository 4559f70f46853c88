/** Tells a person what takes long; scripts and pipes see nothing of it. */
export function toTerminal(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
}
