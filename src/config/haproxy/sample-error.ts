// What in a haproxy.cfg cannot be carried over, thrown where it is found and reported where the statement is known.

/** A sample that cannot be carried over. `isWrong`: HAProxy refuses it as well. */
export class SampleError extends Error {
  constructor(
    message: string,
    readonly isWrong = false,
  ) {
    super(message);
  }
}
