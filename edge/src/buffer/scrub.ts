import type { Clock } from '@demeter/common/clock';
import { AppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import type { Journal, PhotoRow } from './journal.ts';
import type { KeyedLock } from './keyed-lock.ts';
import type { LocalStore } from './local-store.ts';
import type { Spool } from './spool.ts';

/** Each photo's bytes are read again this often: disks change what nobody looks at. */
const PERIOD_MS = 7 * 24 * 3_600_000;
/** Read at most this fast: a spool of 200 GB takes 14 hours, and cameras do not notice. */
const BYTES_PER_SECOND = 4_000_000;
/** With nothing due. */
const IDLE_MS = 60_000;

export interface ScrubOptions {
  readonly journal: Journal;
  readonly spool: Spool;
  readonly localStore: LocalStore | null;
  readonly locks: KeyedLock;
  readonly clock: Clock;
  readonly log: Logger;
  /** Photos whose bytes were read. */
  readonly onChecked: () => void;
  readonly onChanged: (sha256: string) => void;
}

/**
 * Reads the spool again and again, slowly, the longest unread first; how far it is stands with each
 * photo in the journal. A photo whose bytes have changed gets those of its copy in the local store
 * back if they are sound, and is quarantined otherwise. Its file stays: no guess is a reason to
 * delete.
 */
export class Scrub {
  constructor(private readonly options: ScrubOptions) {}

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.options;
    while (!signal.aborted) {
      const bytes = await this.round();
      const pauseMs = bytes > 0 ? (bytes / BYTES_PER_SECOND) * 1000 : IDLE_MS;
      await clock.sleep(pauseMs, signal).catch(() => {});
    }
  }

  /** Mends what has a sound copy, then looks at one photo; answers how many bytes that took. */
  async round(): Promise<number> {
    const { journal, localStore, clock, log } = this.options;
    const [hurt] = localStore
      ? journal.all<PhotoRow>(
          `SELECT * FROM photos INDEXED BY photos_hurt
           WHERE last_error IN ('BYTES_CHANGED','BYTES_MISSING') AND buffered_at IS NOT NULL
             AND state NOT IN ('verified','evicted','resolved') LIMIT 1`,
        )
      : [];
    if (hurt && localStore) {
      const mended = await this.#mend(hurt, localStore).catch((error: unknown) => {
        log.warn({ err: error, sha256: hurt.sha256 }, 'a copy cannot be read now');
        return false;
      });
      if (mended) return hurt.size_bytes;
    }
    const [row] = journal.all<PhotoRow>(
      `SELECT * FROM photos INDEXED BY photos_to_check WHERE in_spool = 1
       ORDER BY checked_at LIMIT 1`,
    );
    if (!row) return 0;
    const ageMs = clock.now() - (row.checked_at ?? 0);
    // Read "in the future": the clock has been set back since, and says nothing.
    if (ageMs >= 0 && ageMs < PERIOD_MS) return 0;
    await this.#check(row);
    return row.size_bytes;
  }

  async #check({ sha256 }: PhotoRow): Promise<void> {
    const { journal, spool, locks, clock, log, onChecked, onChanged } = this.options;
    await locks.with(sha256, async () => {
      // Evicted while it waited for its turn.
      if (journal.photo(sha256)?.in_spool !== 1) return;
      const sound = await spool.isSound(sha256);
      journal.note(() => journal.update(sha256, { checked_at: clock.now() }));
      onChecked();
      if (sound || journal.photo(sha256)?.parked === 'BYTES_CHANGED') return;
      quarantineChanged(journal, sha256, log);
      onChanged(sha256);
    });
  }

  /** False: the copy is no better, and is not believed again. Throws with the store. */
  async #mend({ sha256 }: PhotoRow, localStore: LocalStore): Promise<boolean> {
    const { journal, spool, locks, clock, log } = this.options;
    return await locks.with(sha256, async () => {
      const copy = await localStore.open(sha256).catch((error: unknown) => {
        // The store is away: later. It has no such copy: there is none to believe.
        if (error instanceof AppError && error.code === 'NOT_FOUND') return null;
        throw error;
      });
      if (copy === null || !(await spool.restore(sha256, copy))) {
        const held = journal.photo(sha256)?.in_spool === 1;
        journal.update(sha256, { buffered_at: null, ...(held ? {} : { parked: 'BYTES_MISSING' }) });
        return false;
      }
      const sound = { parked: null, last_error: null, quarantine: null, due_at: 0 };
      journal.update(sha256, { ...sound, in_spool: 1, checked_at: clock.now() });
      log.warn(
        { sha256 },
        'the bytes that had changed are replaced by the copy of the local store',
      );
      return true;
    });
  }
}

/** Says of a photo that its bytes here are no longer its own. It stays, and is shown. */
export function quarantineChanged(journal: Journal, sha256: string, log: Logger): void {
  log.error({ sha256 }, 'the bytes of an accepted photo have changed on the disk');
  journal.update(sha256, {
    parked: 'BYTES_CHANGED',
    last_error: 'BYTES_CHANGED',
    quarantine: 'The bytes on this box have changed since the photo was accepted.',
  });
}
