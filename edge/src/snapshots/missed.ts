/** A shot that did not become a photo, in words for whoever looks after the camera. */
export class MissedShot extends Error {
  /** What to do about it, where that is not to look at the camera. */
  readonly hint: string | undefined;

  constructor(message: string, { hint, ...options }: ErrorOptions & { hint?: string } = {}) {
    super(message, options);
    this.hint = hint;
  }
}
