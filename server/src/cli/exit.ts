/** How a command ends: 0 done, 1 failed, 2 asked wrongly. */

/** Ends the command; the message goes to standard error. */
export class CommandError extends Error {
  override name = 'CommandError';
  readonly code: 1 | 2;
  constructor(code: 1 | 2, message: string) {
    super(message);
    this.code = code;
  }
}
