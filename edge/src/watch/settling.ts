/** A file's size in bytes and time of change in UTC milliseconds. */
export interface Seen {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** A file is whole when nothing about it has changed for this long (decisions: 2 s). */
export const SETTLED_MS = 2_000;
/** One with the name of a file that is being written gets another name, or was left so. */
const TEMPORARY_MS = 600_000;

interface Entry extends Seen {
  readonly since: number;
  /** Not looked at before; Infinity: never, unless the file changes. */
  readonly notBefore: number;
}

/** Remembers what files looked like, to tell those that are still being written. No I/O. */
export class Settling {
  readonly #entries = new Map<string, Entry>();

  /**
   * `now`: monotonic milliseconds. True once the file has looked the same for two seconds, or for
   * ten minutes under the name of a file that is being written.
   */
  isSettled(name: string, seen: Seen, now: number, temporary = false): boolean {
    const known = this.#entries.get(name);
    if (!known || !same(known, seen)) {
      this.#entries.set(name, { ...seen, since: now, notBefore: 0 });
      return false;
    }
    const settledMs = temporary ? TEMPORARY_MS : SETTLED_MS;
    return now - known.since >= settledMs && now >= known.notBefore;
  }

  /** This file is not ours as long as it stays as it is. */
  leaveAlone(name: string, seen: Seen): void {
    this.#entries.set(name, { ...seen, since: 0, notBefore: Number.POSITIVE_INFINITY });
  }

  /** Tried again then, unless it changes. True the first time: what is wrong is said once. */
  postpone(name: string, until: number): boolean {
    const known = this.#entries.get(name);
    if (known) this.#entries.set(name, { ...known, notBefore: until });
    return known?.notBefore === 0;
  }

  /** Forgets files that are gone. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const name of this.#entries.keys()) if (!names.has(name)) this.#entries.delete(name);
  }
}

function same(a: Seen, b: Seen): boolean {
  return a.sizeBytes === b.sizeBytes && a.modifiedMs === b.modifiedMs;
}
