/** A failure that a user can act on: its message is printed as it is, without a stack trace. */
export class CommandError extends Error {
  constructor(
    message: string,
    /** 1 failed, 2 bad input, 3 guarded, 127 no such command, 130 interrupted. */
    readonly exitCode: 1 | 2 | 3 | 127 | 130,
  ) {
    super(message);
    this.name = "CommandError";
  }
}
