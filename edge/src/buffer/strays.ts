import type { Clock } from '@demeter/common/clock';
import type { Logger } from '@demeter/common/logger';
import { isUnreadable } from './disk.ts';
import type { Ids } from './ids.ts';
import { isGone, type Journal, type PhotoRow } from './journal.ts';
import type { KeyedLock } from './keyed-lock.ts';
import type { LocalStore } from './local-store.ts';
import { Notes } from './notes.ts';
import type { Spool } from './spool.ts';

/** All copies are looked through this often, and by each journal that was begun anew. */
const PERIOD_MS = 7 * 24 * 3_600_000;
/** What a round may do before cameras' copies and the janitor have their turn: seconds of work. */
const WORK_MAX = 500;
/** For a row; and for a photo that is read as a whole. */
const WORK = { row: 1, read: 10 } as const;
/** A folder in which the disk has damaged something: disks take long to say so. */
const DAMAGED_MS = 3_600_000;

export interface StraysOptions {
  readonly journal: Journal;
  readonly spool: Spool;
  readonly localStore: LocalStore | null;
  readonly locks: KeyedLock;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** Folders of the spool, by their two digits, of which the start has left something. */
  readonly doubtful: Iterable<string>;
  /** False: the box is too full for what is not needed. */
  readonly mayCopy: () => boolean;
}

/** What of a row says whether a copy of its photo should be there. */
type Known = Pick<PhotoRow, 'state' | 'in_spool' | 'buffered_at'>;

/**
 * What the journal does not know of, as after its loss: copies in the local store, and sidecars
 * whose bytes are such a copy (the janitor's `thinSpool`). Nothing of it is removed before the store
 * was asked; while that is away, it waits.
 *
 *   sidecars, a copy, no row      the row is made again, and the centre asked for its receipt anew
 *   a copy, no sidecars, no row   its bytes come back into the spool, and are noted anew
 *   a copy, and a row without     believed again where it is sound; removed where the photo is gone
 *   sidecars alone                never acknowledged: removed; or known, and held by the centre
 *   bytes, no row                 entered, or set aside: those for which the start had no time
 *   what the disk cannot read     stays in doubt; looked at again each hour
 */
export class Strays {
  readonly #doubtful: Set<string>;
  readonly #notes: Notes;
  /** The store is to be asked for all its copies. */
  #isDue: boolean;
  /** It was, and what was found is being settled. */
  #isAsked = false;
  #workLeft = 0;
  /** Until when folders rest in which the disk has damaged something: monotonic milliseconds. */
  readonly #resting = new Map<string, number>();

  constructor(private readonly options: StraysOptions) {
    const { spool, journal, log, ids } = options;
    this.#doubtful = new Set(options.doubtful);
    this.#notes = new Notes(spool, journal, log, ids);
    this.#isDue = this.#isTime();
  }

  /** Nothing is left of which the journal may not know. */
  get settled(): boolean {
    return !this.#isDue && this.#doubtful.size === 0;
  }

  /** The journal knows of this photo, or the box does not have it. */
  isSettled(sha256: string): boolean {
    return !this.#isDue && !this.#doubtful.has(prefixOf(sha256));
  }

  /** Goes on until it is settled or has done enough for now. Throws with the local store. */
  async round(signal: AbortSignal): Promise<void> {
    const { journal, clock } = this.options;
    this.#isDue ||= !this.#isAsked && this.#isTime();
    if (this.#isDue) await this.#ask(signal);
    this.#workLeft = WORK_MAX;
    for (const prefix of [...this.#doubtful]) {
      if (signal.aborted || this.#workLeft <= 0) return;
      if (clock.monotonic() < (this.#resting.get(prefix) ?? 0)) continue;
      // One that the store fails for goes behind the others.
      this.#doubtful.delete(prefix);
      this.#doubtful.add(prefix);
      const outcome = await this.#folder(prefix);
      if (outcome === 'settled') this.#doubtful.delete(prefix);
      if (outcome === 'damaged') this.#resting.set(prefix, clock.monotonic() + DAMAGED_MS);
    }
    if (this.#isAsked && this.settled) {
      journal.setMoment('copies_known', clock.now());
      this.#isAsked = false;
    }
  }

  #isTime(): boolean {
    const { journal, localStore, clock } = this.options;
    const at = journal.moment('copies_known');
    const ageMs = at === null ? Number.POSITIVE_INFINITY : clock.now() - at;
    // "In the future": the clock has been set back since, and says nothing.
    return localStore !== null && !(ageMs >= 0 && ageMs < PERIOD_MS);
  }

  async #ask(signal: AbortSignal): Promise<void> {
    for await (const sha256 of this.options.localStore?.copies() ?? []) {
      if (signal.aborted) return;
      if (isStray(this.#rowOf(sha256))) this.#doubtful.add(prefixOf(sha256));
    }
    this.#isDue = false;
    this.#isAsked = true;
  }

  /** `later`: there is more in it, for another round. */
  async #folder(prefix: string): Promise<Outcome> {
    const { spool, localStore } = this.options;
    const copies = new Set(await Array.fromAsync(localStore?.copies(prefix) ?? []));
    const entries = await spool.contents(prefix).catch(this.#spoilt({ prefix }));
    if (entries === 'damaged') return entries;
    const beside = new Map(entries.map((entry) => [entry.sha256, entry]));
    let outcome: Outcome = 'settled';
    for (const sha256 of new Set([...copies, ...beside.keys()])) {
      const hasCopy = copies.has(sha256);
      const row = this.#rowOf(sha256);
      if (row && !(hasCopy && isStray(row))) continue;
      if (this.#workLeft <= 0) return 'later';
      this.#workLeft -= WORK.row;
      const { sightingIds = [], sizeBytes = null } = beside.get(sha256) ?? {};
      const found = { sha256, sightingIds, hasBytes: sizeBytes !== null, hasCopy };
      // Under its lock: what was being taken in when the folder was read has its row by then.
      const settling = this.options.locks.with(sha256, () => this.#settle(found));
      const one = await settling.catch(this.#spoilt({ sha256 }));
      if (outcome !== 'damaged' && one !== 'settled') outcome = one;
    }
    return outcome;
  }

  async #settle(found: Found): Promise<'settled' | 'later'> {
    const { spool, localStore, clock, log } = this.options;
    const { sha256, sightingIds, hasBytes, hasCopy } = found;
    const row = this.#rowOf(sha256);
    if (row) {
      if (hasCopy) await this.#known(sha256, row);
    } else if (hasBytes) {
      this.#workLeft -= WORK.read;
      if (!(await this.#enter(sha256, sightingIds))) await spool.setAside(sha256);
    } else if (!hasCopy || !localStore) {
      const known = await this.#notes.enterElsewhere(sha256, sightingIds);
      if (known === 0) await spool.removeSidecars(sha256, sightingIds);
    } else {
      log.warn({ sha256 }, 'the local store has a copy of which the journal does not know');
      const [first, ...others] = await this.#notes.read(sha256, sightingIds);
      if (!first) return await this.#takeBack(sha256, localStore);
      // Its spool file went after the centre's receipt, which the journal had: the centre is asked.
      const copied = { state: 'queued', in_spool: 0, buffered_at: clock.now() } as const;
      this.#notes.enterPhoto(sha256, [first, ...others], copied);
    }
    return 'settled';
  }

  /** By its sidecars, or anew where none can be read. False: the bytes are not this photo's. */
  async #enter(sha256: string, sightingIds: readonly string[]): Promise<boolean> {
    const [first, ...others] = await this.#notes.read(sha256, sightingIds);
    if (!first) return await this.#notes.enterAnew(sha256, undefined);
    if (!(await this.options.spool.isSound(sha256))) return false;
    this.#notes.enterPhoto(sha256, [first, ...others]);
    return true;
  }

  /** A sound copy of which nothing was noted comes back into the spool, and its notes are made anew. */
  async #takeBack(sha256: string, localStore: LocalStore): Promise<'settled' | 'later'> {
    const { spool, mayCopy, log } = this.options;
    if (!mayCopy()) return 'later';
    this.#workLeft -= WORK.read;
    if (await spool.restore(sha256, await localStore.open(sha256))) {
      if (await this.#notes.enterAnew(sha256, undefined)) return 'settled';
      // The disk does not give back what it was given, or it is no photo: the copy has it still.
      await spool.removePhoto(sha256);
    }
    // It may be all that is left of a photo: people may still see something in it.
    log.error({ sha256 }, 'a copy without notes is not the photo of its name: it stays');
    return 'settled';
  }

  async #known(sha256: string, row: Known): Promise<void> {
    const { journal, localStore, clock, log } = this.options;
    if (!localStore || !isStray(row)) return;
    if (isGone(row.state)) return await localStore.remove(sha256);
    this.#workLeft -= WORK.read;
    if (!(await localStore.isSound(sha256))) return;
    log.warn({ sha256 }, 'the local store has a copy that was believed to be lost');
    const buffered_at = clock.now();
    // By it the scrub gives the spool its bytes back.
    const found = { parked: null, last_error: 'BYTES_MISSING', due_at: 0, buffered_at } as const;
    journal.update(sha256, row.state === 'verified' ? { buffered_at } : found);
  }

  /** What the disk has damaged holds up no other, and is not said to be elsewhere. */
  #spoilt(what: object): (error: unknown) => 'damaged' {
    return (error) => {
      if (!isUnreadable(error)) throw error;
      this.options.log.error({ err: error, ...what }, 'the disk has damaged what the spool holds');
      return 'damaged';
    };
  }

  #rowOf(sha256: string): Known | undefined {
    const sql = 'SELECT state, in_spool, buffered_at FROM photos WHERE sha256 = ?';
    return this.options.journal.all<Known>(sql, sha256)[0];
  }
}

type Outcome = 'settled' | 'later' | 'damaged';

interface Found {
  readonly sha256: string;
  readonly sightingIds: readonly string[];
  /** In the spool. */
  readonly hasBytes: boolean;
  /** In the local store. */
  readonly hasCopy: boolean;
}

function prefixOf(sha256: string): string {
  return sha256.slice(0, 2);
}

/** Whether a copy of this photo is one too many, or one too few is known. */
function isStray(row: Known | undefined): boolean {
  return !row || isGone(row.state) || (row.in_spool === 0 && row.buffered_at === null);
}
