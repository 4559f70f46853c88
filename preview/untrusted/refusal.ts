/** Something in a program that the base does not allow where there are credentials. */
export interface Refusal {
  readonly stack: string;
  /** Place in the program, such as `resource.aws_s3_bucket.logs.provisioner`. */
  readonly path: string;
  /** What is wrong with it, as a clause without a subject: `is a provisioner, which runs commands`. */
  readonly reason: string;
  /** What an entry of the exceptions file would have to allow; undefined where no entry can. */
  readonly exception: string | undefined;
}

/** A refusal before its stack is known. */
export type Finding = Omit<Refusal, "stack">;
