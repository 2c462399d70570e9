/**
 * What loads under way will take, and what they took when they are done.
 *
 * Memory is only seen as a whole: what a load took is how far use has grown around it. Loads that
 * overlap share their growth by what each was expected to take; where something was freed meanwhile
 * nothing can be said.
 */
export class Ledger {
  /** Needs of the loads under way. */
  readonly #open = new Map<string, number>();
  /** Needs of the loads since nothing else was under way. */
  readonly #together = new Map<string, number>();
  #usedBefore: number | undefined;
  #disturbed = false;

  /** Bytes that are promised but may not be seen as used yet. */
  get reservedBytes(): number {
    return sum(this.#open.values());
  }

  reserve(key: string, needBytes: number): void {
    this.#open.set(key, needBytes);
  }

  /** The load begins: room has been made. */
  begin(key: string, usedBytes: number): void {
    this.#usedBefore ??= usedBytes;
    this.#together.set(key, this.#open.get(key) ?? 0);
  }

  /** Gives the reservation back; what was begun took nothing. */
  abandon(key: string): void {
    this.#open.delete(key);
    this.#together.delete(key);
    if (this.#open.size === 0) this.#settle();
  }

  /** Memory was freed by something else than a load. */
  freed(): void {
    this.#disturbed = this.#open.size > 0;
  }

  /** Bytes of each load that overlapped; none while one of them is under way, or not to be told. */
  finish(key: string, usedBytes: number): ReadonlyMap<string, number> {
    this.#open.delete(key);
    if (this.#open.size > 0) return new Map();
    const grown = Math.max(0, usedBytes - (this.#usedBefore ?? usedBytes));
    const needs = new Map(this.#disturbed ? [] : this.#together);
    const whole = sum(needs.values());
    this.#settle();
    return new Map(
      needs.entries().map(([each, need]) => [each, whole === 0 ? 0 : (grown * need) / whole]),
    );
  }

  #settle(): void {
    this.#together.clear();
    this.#usedBefore = undefined;
    this.#disturbed = false;
  }
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
