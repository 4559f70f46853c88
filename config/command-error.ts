/** A failure that a user can act on: its message is printed as it is, without a stack trace. */
export class CommandError extends Error {
  constructor(
    message: string,
    /** 1 failed, 2 bad input, 3 guarded. */
    readonly exitCode: 1 | 2 | 3,
  ) {
    super(message);
    this.name = "CommandError";
  }
}
