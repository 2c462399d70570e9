import type { Logger } from '@demeter/common/logger';
import { isUnreadable } from './disk.ts';
import { type Ids, realIds } from './ids.ts';
import { isGone, type Journal, type PhotoRow } from './journal.ts';
import { MISSING, Notes } from './notes.ts';
import { quarantineChanged } from './scrub.ts';
import type { Sidecar } from './sidecar.ts';
import { PREFIXES, type Spool, type SpoolEntry } from './spool.ts';

export interface Recovered {
  /** Files that were being received when the process ended. */
  readonly reaped: number;
  /** Rows made again from sidecars. */
  readonly photos: number;
  readonly sightings: number;
  /** Of these photos, those whose sidecars could not be read: noted anew from their bytes. */
  readonly renoted: number;
  /** Photos whose bytes are others than their name or cannot be read: put aside, quarantined, left. */
  readonly broken: number;
  /** Photos of the journal whose bytes are nowhere. */
  readonly lost: number;
  /** Photos whose bytes were read and hashed, because they are new or have no row. */
  readonly hashed: number;
  /** Folders of the spool with something that only the local store, more time, or another disk can tell (strays.ts). */
  readonly doubtful: ReadonlySet<string>;
}

type Known = Pick<PhotoRow, 'sha256' | 'size_bytes' | 'state' | 'in_spool' | 'buffered_at'> &
  Pick<PhotoRow, 'accepted_at' | 'parked' | 'camera'>;

/**
 * Photos that may be hashed before anything is accepted: a second or two. The scrub takes the
 * others first.
 */
const HASHED_MAX = 200;

export interface RecoveryOptions {
  readonly ids?: Ids;
  /** Until it resolves the journal is only read, and nothing is done: it may be damaged. */
  readonly sound?: Promise<void> | undefined;
  /** There is a local store, which may hold what the spool does not. */
  readonly copies?: boolean | undefined;
}

/**
 * What a start finds: brings spool and journal to one state before anything is accepted. Names and
 * sizes are compared; only bytes that are in doubt are read. One folder of the spool after the
 * other, so that 100,000 photos take no more memory than a few hundred.
 */
export async function recover(
  spool: Spool,
  journal: Journal,
  log: Logger,
  { ids = realIds(), sound = Promise.resolve(), copies = false }: RecoveryOptions = {},
): Promise<Recovered> {
  const counts = {
    ...{ reaped: await spool.reapTemporary(), photos: 0, sightings: 0 },
    ...{ renoted: 0, broken: 0, lost: 0, hashed: 0, doubtful: new Set<string>() },
  };
  const recovery = new Recovery(spool, journal, log, { ids, sound, copies }, counts);
  for (const prefix of PREFIXES) await recovery.folder(prefix);
  await sound;
  // An upload that was under way is asked for again; the grant says whether it had arrived.
  journal.run("UPDATE photos SET state = 'queued', due_at = 0 WHERE state = 'uploading'");
  return counts;
}

class Recovery {
  readonly #checkpoint: number;
  readonly #notes: Notes;

  constructor(
    private readonly spool: Spool,
    private readonly journal: Journal,
    private readonly log: Logger,
    private readonly options: {
      readonly [K in keyof RecoveryOptions]-?: NonNullable<RecoveryOptions[K]>;
    },
    private readonly counts: { -readonly [K in keyof Omit<Recovered, 'doubtful'>]: number } & {
      readonly doubtful: Set<string>;
    },
  ) {
    this.#checkpoint = journal.moment('checkpoint') ?? 0;
    this.#notes = new Notes(spool, journal, log, options.ids);
  }

  async folder(prefix: string): Promise<void> {
    const entries = await this.spool.contents(prefix).catch(this.#spoilt(prefix));
    // What the journal says of them stands: whoever reads one hears of it.
    if (!entries) return;
    // Digits end before letters do, and `g` comes after both.
    const known = this.journal.all<Known>(
      `SELECT sha256, size_bytes, state, in_spool, buffered_at, accepted_at, parked, camera
       FROM photos WHERE sha256 >= ? AND sha256 < ?`,
      prefix,
      `${prefix}g`,
    );
    const sightings = this.journal.all<{ id: string }>(
      'SELECT id FROM sightings WHERE sha256 >= ? AND sha256 < ?',
      prefix,
      `${prefix}g`,
    );
    const ids = new Set(sightings.map(({ id }) => id));
    const rows = new Map(known.map((row) => [row.sha256, row]));
    for (const entry of entries) {
      const row = rows.get(entry.sha256);
      const missing = entry.sightingIds.filter((id) => !ids.has(id));
      if (row && missing.length === 0 && this.#agrees(entry, row)) continue;
      await this.options.sound;
      await this.#photo(entry, row, missing).catch(this.#spoilt(prefix, entry.sha256));
    }
    const present = new Set(entries.filter(hasBytes).map(({ sha256 }) => sha256));
    const gone = known.filter((row) => row.in_spool === 1 && !present.has(row.sha256));
    if (gone.length === 0) return;
    await this.options.sound;
    // All at once, and unflushed: a spool that is lost as a whole keeps no start from its end.
    this.journal.note(() => {
      for (const row of gone) this.#gone(row);
    });
  }

  /** What the disk has damaged keeps no start from its end, and stays in doubt. */
  #spoilt(prefix: string, sha256?: string): (error: unknown) => undefined {
    return (error) => {
      if (!isUnreadable(error)) throw error;
      const fields = { err: error, prefix, ...(sha256 && { sha256 }) };
      this.log.error(fields, 'the disk has damaged what the spool holds');
      this.counts.broken++;
      this.counts.doubtful.add(prefix);
    };
  }

  /** Nothing is to be done: the bytes are there, as many as ever, and nobody doubts them. */
  #agrees({ sizeBytes }: SpoolEntry, row: Known): boolean {
    const isHere = row.in_spool === 1 && !isGone(row.state) && sizeBytes === row.size_bytes;
    return isHere && this.#isTrusted(row);
  }

  /** Judged, and accepted before the last checkpoint. */
  #isTrusted(row: Known): boolean {
    return row.state !== 'spooled' && row.accepted_at < this.#checkpoint;
  }

  async #photo(entry: SpoolEntry, row: Known | undefined, missing: string[]): Promise<void> {
    if (!row && !hasBytes(entry)) return await this.#alone(entry);
    if (!row || isGone(row.state)) return await this.#unknown(entry, row, missing);
    const { journal, counts, log } = this;
    const { sha256 } = entry;
    if (missing.length > 0) {
      const sidecars = await this.#notes.read(sha256, missing);
      this.#notes.enter(sha256, sidecars);
      counts.sightings += sidecars.length;
    }
    if (!hasBytes(entry)) return;
    if (row.in_spool === 0) journal.note(() => journal.update(sha256, { in_spool: 1 }));
    if (row.parked === 'BYTES_CHANGED' || (await this.#isSound(entry, row))) return;
    counts.broken++;
    quarantineChanged(journal, sha256, log);
  }

  /** Sidecars without bytes and without a row. */
  async #alone({ sha256, sightingIds }: SpoolEntry): Promise<void> {
    const { spool, counts, options } = this;
    const sightings = await this.#notes.enterElsewhere(sha256, sightingIds);
    if (sightings > 0) counts.photos++;
    counts.sightings += sightings;
    // The journal may have known of a copy before it was lost.
    if (options.copies) counts.doubtful.add(sha256.slice(0, 2));
    // A sidecar gets its name before its photo: alone and unknown, it was never acknowledged.
    else if (sightings === 0) await spool.removeSidecars(sha256, sightingIds);
  }

  /** Bytes or sidecars without a row, or of a photo that is gone. */
  async #unknown(entry: SpoolEntry, row: Known | undefined, missing: string[]): Promise<void> {
    const { spool, counts } = this;
    const { sha256 } = entry;
    if (!hasBytes(entry) || (row && missing.length === 0)) {
      // The process ended between the row and the file.
      await spool.removePhoto(sha256);
      await spool.removeSidecars(sha256, entry.sightingIds);
      return;
    }
    const [first, ...others] = await this.#notes.read(sha256, missing);
    const inTime = counts.hashed < HASHED_MAX;
    const looksSound = first?.photo.size_bytes === entry.sizeBytes;
    // Their size only, where many are without a row, as after the journal's end: what it does not
    // speak for has its turn once photos are taken. Few have the row of one that is gone.
    if (!inTime && !looksSound && !row) return void counts.doubtful.add(sha256.slice(0, 2));
    if (!first) return await this.#noteAnew(sha256, row);
    if (inTime || !looksSound) {
      counts.hashed++;
      if (!(await spool.isSound(sha256))) return await this.#setAside(sha256);
    }
    this.#enterPhoto(sha256, [first, ...others]);
    if (!inTime) this.#checkLater(sha256);
  }

  async #noteAnew(sha256: string, row: Known | undefined): Promise<void> {
    const { counts } = this;
    counts.hashed++;
    if (!(await this.#notes.enterAnew(sha256, row?.camera))) return await this.#setAside(sha256);
    counts.renoted++;
    counts.photos++;
    counts.sightings++;
  }

  #enterPhoto(sha256: string, sidecars: readonly [Sidecar, ...Sidecar[]]): void {
    this.#notes.enterPhoto(sha256, sidecars);
    this.counts.photos++;
    this.counts.sightings += sidecars.length;
  }

  async #setAside(sha256: string): Promise<void> {
    this.log.error({ sha256 }, 'a file in the spool has other bytes than its name: set aside');
    await this.spool.setAside(sha256);
    this.counts.broken++;
  }

  /** Compares the size; hashes what was accepted since the last checkpoint or was never judged. */
  async #isSound(entry: SpoolEntry, row: Known): Promise<boolean> {
    const { spool, counts } = this;
    if (entry.sizeBytes !== row.size_bytes) return false;
    if (this.#isTrusted(row)) return true;
    if (counts.hashed < HASHED_MAX) {
      counts.hashed++;
      return await spool.isSound(row.sha256);
    }
    this.#checkLater(row.sha256);
    return true;
  }

  /** The scrub takes it before others. */
  #checkLater(sha256: string): void {
    const { journal } = this;
    journal.note(() => journal.update(sha256, { checked_at: 0 }));
  }

  /** The spool's file is not there: the copy in the local store or the centre has the bytes, or nobody. */
  #gone({ sha256, state, buffered_at }: Known): void {
    const { journal, counts, log } = this;
    journal.update(sha256, { in_spool: 0 });
    if (state === 'verified') return;
    if (buffered_at !== null) {
      log.warn({ sha256 }, 'the spool has lost a photo of which the local store has a copy');
      journal.update(sha256, { last_error: 'BYTES_MISSING' });
      return;
    }
    log.error({ sha256 }, 'the bytes of an accepted photo are gone');
    journal.update(sha256, MISSING);
    counts.lost++;
    if (this.options.copies) counts.doubtful.add(sha256.slice(0, 2));
  }
}

function hasBytes(entry: SpoolEntry): boolean {
  return entry.sizeBytes !== null;
}
