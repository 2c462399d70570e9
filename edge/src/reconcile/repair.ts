import type { Clock } from '@demeter/common/clock';
import { parseSightingKey } from '@demeter/common/edge-days';
import type { Logger } from '@demeter/common/logger';
import { Type } from '@sinclair/typebox';
import { isGone, type Journal, type PhotoRow } from '../buffer/journal.ts';
import type { KeyedLock } from '../buffer/keyed-lock.ts';
import type { LocalStore } from '../buffer/local-store.ts';
import { quarantineChanged } from '../buffer/scrub.ts';
import type { Spool } from '../buffer/spool.ts';
import type { CoreClient } from '../forward/core-client.ts';
import { Refusal } from '../forward/failures.ts';
import { PARKED_MS } from '../forward/outcome.ts';

/** Before fresh photos: the centre had it, and people may be looking for it. */
const ASKED_AGAIN_LANE = 1;

const PhotoAtCore = Type.Object({ state: Type.String() });

export interface RepairOptions {
  readonly journal: Journal;
  readonly spool: Spool;
  readonly localStore: LocalStore | null;
  readonly locks: KeyedLock;
  readonly core: CoreClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** False: the box may hold this photo without its journal's knowing. */
  readonly isSettled: (sha256: string) => boolean;
  /** A photo that the centre had confirmed is not there. */
  readonly onLost: (sha256: string) => void;
  /** The bytes held here are not the photo's. */
  readonly onChanged: (sha256: string) => void;
}

export interface Repaired {
  /** Photos that are sent again. */
  readonly photos: number;
  /** Sightings that are registered again; their photos are at the centre. */
  readonly sightings: number;
  /** Photos that the centre has lost and this box holds no more. */
  readonly gone: number;
}

export type WantedAnswer = 'queued' | 'evicted' | 'unknown' | 'changed';

/** Does something about what the centre lacks. */
export class Repair {
  constructor(private readonly options: RepairOptions) {}

  /** For sightings whose receipts are here, and that the centre did not name. */
  async sendAgain(
    missing: readonly string[],
    agreed: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<Repaired> {
    const bySha = Map.groupBy(missing.map(parseSightingKey), ({ sha256 }) => sha256);
    const repaired = { photos: 0, sightings: 0, gone: 0 };
    for (const [sha256, sightings] of bySha) {
      const ids = sightings.map(({ sightingId }) => sightingId);
      if (agreed.has(sha256) || (await this.#isAtCore(sha256, ids, signal))) {
        repaired.sightings += this.#registerAgain(ids);
        continue;
      }
      const answer = await this.#queueAgain(sha256, ids);
      if (answer === 'queued') repaired.photos++;
      if (answer === 'evicted') repaired.gone++;
      if (answer !== 'settled') this.options.onLost(sha256);
    }
    return repaired;
  }

  /**
   * For a photo that the centre asks for: what is held here is believed only after it was hashed.
   * Its receipt is void either way: what has changed here is never removed as sent. Throws where
   * the local store cannot say now what it has, and then the centre asks again.
   */
  async answer(sha256: string): Promise<WantedAnswer> {
    const { journal, spool, localStore, onLost } = this.options;
    const row = journal.photo(sha256);
    const isKnown = row !== null && (isHeld(row) || isGone(row.state));
    if (!isKnown && !this.options.isSettled(sha256))
      throw new Error('the box may have a copy of it');
    if (!row) return 'unknown';
    if (!isHeld(row)) return 'evicted';
    if (row.state !== 'verified') return isSpoilt(row) ? 'changed' : 'queued';
    const isChanged = row.in_spool === 1 && !(await spool.isSound(sha256));
    const ids = journal.sightings(sha256).map(({ id }) => id);
    const answer = await this.#queueAgain(sha256, ids);
    if (answer !== 'queued') return answer === 'evicted' ? 'evicted' : 'queued';
    onLost(sha256);
    if (isChanged) this.#setAside(sha256);
    else if (row.in_spool === 1) return 'queued';
    // By a sound copy the scrub mends the file here; where there is none, the copy is sent.
    if (row.buffered_at !== null && (await localStore?.isSound(sha256))) return 'queued';
    if (!isChanged) this.#setAside(sha256);
    return 'changed';
  }

  /** A photo with other sightings may be known by those: only the core can tell. */
  async #isAtCore(sha256: string, ids: readonly string[], signal: AbortSignal): Promise<boolean> {
    const { journal, core } = this.options;
    if (journal.sightings(sha256).length === ids.length) return false;
    try {
      const { state } = await core.ask(`edge/photos/${sha256}`, PhotoAtCore, signal);
      return state !== 'missing';
    } catch (error) {
      if (error instanceof Refusal && error.code === 'NOT_FOUND') return false;
      throw error;
    }
  }

  #registerAgain(ids: readonly string[]): number {
    const { journal } = this.options;
    journal.transaction(() => {
      for (const id of ids) forgetRegistration(journal, id);
    });
    return ids.length;
  }

  /** The receipt is void: the photo waits to be sent as if it never had been. */
  async #queueAgain(
    sha256: string,
    ids: readonly string[],
  ): Promise<'queued' | 'evicted' | 'settled'> {
    const { journal, locks } = this.options;
    // Not while it is being evicted.
    return await locks.with(sha256, async () => {
      const row = journal.photo(sha256);
      if (!row || row.state === 'evicted') return 'evicted';
      if (row.state !== 'verified') return 'settled';
      if (!isHeld(row)) return 'evicted';
      journal.transaction(() => {
        for (const id of ids) forgetRegistration(journal, id);
        journal.update(sha256, {
          state: 'queued',
          receipt: null,
          verified_at: null,
          reconciled_at: null,
          lane: ASKED_AGAIN_LANE,
          attempts: 0,
          due_at: 0,
          parked: null,
          last_error: 'The centre has lost it.',
        });
      });
      return 'queued';
    });
  }

  /** Its bytes here have changed: people see it, and it is not tried at once. */
  #setAside(sha256: string): void {
    const { journal, clock, log, onChanged } = this.options;
    quarantineChanged(journal, sha256, log);
    journal.update(sha256, { due_at: clock.now() + PARKED_MS });
    onChanged(sha256);
  }
}

/** Nothing here can be sent of it. */
function isSpoilt({ parked, buffered_at }: PhotoRow): boolean {
  return parked === 'BYTES_CHANGED' && buffered_at === null;
}

function isHeld(row: PhotoRow): boolean {
  return row.in_spool === 1 || row.buffered_at !== null;
}

function forgetRegistration(journal: Journal, id: string): void {
  journal.run('UPDATE sightings SET registered_at = NULL, refused = NULL WHERE id = ?', id);
}
