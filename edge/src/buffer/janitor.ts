import type { Clock } from '@demeter/common/clock';
import type { Logger } from '@demeter/common/logger';
import { forgetGone } from './forget.ts';
import type { Journal, PhotoRow } from './journal.ts';
import { givenUp, notePolicyAction } from './kept.ts';
import type { KeyedLock } from './keyed-lock.ts';
import { type LocalStore, SPOOL_GRACE_MS } from './local-store.ts';
import type { Spool } from './spool.ts';
import { chooseEvictions, type EvictionRule, fullness, type VerifiedPhoto } from './when-full.ts';

export interface JanitorOptions {
  readonly spool: Spool;
  readonly journal: Journal;
  readonly localStore: LocalStore | null;
  readonly locks: KeyedLock;
  readonly clock: Clock;
  readonly log: Logger;
  readonly quotaBytes: number;
  readonly keepMs: number;
  /** The journal knows a photo for so long after it left this box. */
  readonly knownMs: number;
  readonly onEvicted: () => void;
  /** There is a centre: it takes note of a photo that stays here before the photo is given up. */
  readonly centreMustKnow: boolean;
  /** By which a policy's days end: a clock that jumps ahead gives nothing up. Null: nobody knows. */
  readonly keptNow: () => number | null;
}

/** As many photos as one round looks at. */
const BATCH = 500;

/** Makes room: the only place where an acknowledged photo's bytes are removed from this box. */
export class Janitor {
  /** Found in this round: the local store is away, and each photo would wait for it anew. */
  #storeAway = false;

  constructor(private readonly options: JanitorOptions) {}

  /** One round. */
  async run(): Promise<void> {
    const { journal, quotaBytes, keepMs, clock } = this.options;
    this.#storeAway = false;
    await this.#thinSpool();
    const rule = { usedBytes: journal.heldBytes(), quotaBytes, now: clock.now(), keepMs };
    for (const sha256 of chooseEvictions(this.#candidates(rule), rule)) await this.#evict(sha256);
    await this.#resolveKept();
    this.#forget();
  }

  #forget(): void {
    const { journal, knownMs, keptNow, centreMustKnow, log } = this.options;
    const now = keptNow();
    if (now === null) return;
    const photos = forgetGone(journal, { before: now - knownMs, centreMustKnow });
    if (photos > 0) log.debug({ photos }, 'the journal forgets photos that left long ago');
  }

  /**
   * Only those whose time has come and that a comparison found at the centre, unless it is full:
   * a box holds days of verified photos.
   */
  #candidates({ usedBytes, quotaBytes, now, keepMs }: EvictionRule): VerifiedPhoto[] {
    const full = fullness(usedBytes, quotaBytes) !== 'ok';
    return this.options.journal.all<VerifiedPhoto>(
      `SELECT sha256, size_bytes * (in_spool + (buffered_at IS NOT NULL)) AS sizeBytes,
         verified_at AS verifiedAt, keep_until AS keepUntil, reconciled_at AS reconciledAt
       FROM photos INDEXED BY ${full ? 'photos_verified' : 'photos_reconciled'}
       WHERE state = 'verified' AND receipt IS NOT NULL AND verified_at <= ?
         ${full ? '' : 'AND reconciled_at IS NOT NULL'}
         AND coalesce(keep_until, 0) <= ? ORDER BY verified_at LIMIT ?`,
      full ? Number.MAX_SAFE_INTEGER : now - keepMs,
      full ? Number.MAX_SAFE_INTEGER : now,
      BATCH,
    );
  }

  /** A verified photo whose copy in the local store was checked needs its spool file no longer. */
  async #thinSpool(): Promise<void> {
    const { journal, spool, clock, locks } = this.options;
    const rows = journal.all<PhotoRow>(
      `SELECT * FROM photos WHERE state = 'verified' AND in_spool = 1 AND buffered_at < ? LIMIT ?`,
      clock.now() - SPOOL_GRACE_MS,
      BATCH,
    );
    for (const row of rows.filter(hasReceipt)) {
      await locks.with(row.sha256, async () => {
        // Lost by the centre meanwhile, it is sent again from here.
        if (journal.photo(row.sha256)?.state !== 'verified') return;
        journal.update(row.sha256, { in_spool: 0 });
        await spool.removePhoto(row.sha256);
      });
    }
  }

  async #evict(sha256: string): Promise<void> {
    const { journal, spool, locks, clock, log, onEvicted } = this.options;
    await locks.with(sha256, async () => {
      const row = journal.photo(sha256);
      if (row?.state !== 'verified' || !hasReceipt(row)) return;
      const pending = journal.sightings(sha256).some((sighting) => !isSettled(sighting));
      if (pending || !(await this.#removeCopy(row))) return;
      // The row first: bytes without a row come back at the next start, a row without bytes not.
      journal.update(sha256, {
        state: 'evicted',
        evicted_at: clock.now(),
        in_spool: 0,
        buffered_at: null,
      });
      await spool.removePhoto(sha256);
      const ids = journal.sightings(sha256).map(({ id }) => id);
      await spool.removeSidecars(sha256, ids);
      log.info({ sha256, correlation_id: row.correlation_id }, 'evicted: the centre holds it');
      onEvicted();
    });
  }

  /** Photos that a policy kept back, and whose days are over: never silently, kept.ts says why. */
  async #resolveKept(): Promise<void> {
    const { journal, spool, locks, keptNow, log, centreMustKnow } = this.options;
    const now = keptNow();
    if (now === null) return;
    for (const { sha256 } of givenUp(journal, { now, centreMustKnow }, BATCH)) {
      await locks.with(sha256, async () => {
        const row = journal.photo(sha256);
        if (row?.state !== 'rejected_kept' || (row.keep_until ?? now + 1) > now) return;
        if (!(await this.#removeCopy(row))) return;
        const resolved = journal.transaction(() => {
          // Meanwhile a person may have sent it.
          if (journal.photo(sha256)?.state !== 'rejected_kept') {
            journal.update(sha256, { buffered_at: null });
            return false;
          }
          const gone = { in_spool: 0, buffered_at: null, stood_in_at: null, resolved_at: now };
          journal.update(sha256, { ...gone, state: 'resolved', due_at: 0, attempts: 0 });
          notePolicyAction(journal, row, { action: 'resolved', actor: 'policy', at: now });
          return true;
        });
        if (!resolved) return;
        await spool.removePhoto(sha256);
        const ids = journal.sightings(sha256).map(({ id }) => id);
        await spool.removeSidecars(sha256, ids);
        const { correlation_id, policy } = row;
        log.info({ sha256, correlation_id, policy }, 'resolved: its policy has given it up');
      });
    }
  }

  /** Removes what the local store has of a photo. False: it is away, and the photo stays for now. */
  async #removeCopy({ sha256, buffered_at }: PhotoRow): Promise<boolean> {
    const { localStore, log } = this.options;
    if (buffered_at === null || !localStore) return true;
    if (this.#storeAway) return false;
    try {
      await localStore.remove(sha256);
      return true;
    } catch (error) {
      log.warn({ err: error, sha256 }, 'copies stay for now: the local store is away');
      this.#storeAway = true;
      return false;
    }
  }
}

function hasReceipt(row: PhotoRow): boolean {
  return row.receipt !== null;
}

function isSettled(row: { registered_at: number | null; refused: string | null }): boolean {
  return row.registered_at !== null || row.refused !== null;
}
