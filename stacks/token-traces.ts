/**
 * Runs a synthesis without the stack trace that cdktf records for every token it makes. Nothing ever shows those
 * traces, and they cost a third of the time. Errors keep theirs: V8 makes them without this function.
 */
export function withoutTokenTraces<Result>(synthesis: () => Result): Result {
  const original = Object.getOwnPropertyDescriptor(Error, "captureStackTrace");
  Error.captureStackTrace = () => undefined;
  try {
    return synthesis();
  } finally {
    if (original) Object.defineProperty(Error, "captureStackTrace", original);
  }
}
