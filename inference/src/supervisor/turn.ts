/**
 * Which slot's server may be recycled: one at a time, from before its old server drains until the
 * new one is ready or its start has failed, so that the others take its photos.
 */
export class Turn {
  #holder: object | undefined;

  /** False while another slot has it. */
  take(slot: object): boolean {
    this.#holder ??= slot;
    return this.#holder === slot;
  }

  /** Of a slot that does not have it: nothing. */
  end(slot: object): void {
    if (this.#holder === slot) this.#holder = undefined;
  }
}
