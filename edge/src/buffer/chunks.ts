/** The bytes of a photo, as they come. */
export interface Chunks extends AsyncIterable<Uint8Array> {
  /** Nobody else looks at them: whoever has done with a chunk gives its memory back. */
  readonly owned?: boolean;
}

/**
 * Gives a chunk's memory back now, where a collection would do so later: the next chunk then lies
 * in the same pages, and the system has none to clear.
 */
export function giveBack({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
