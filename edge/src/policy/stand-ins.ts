import type { Clock } from '@demeter/common/clock';
import { AppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import { backoffMs } from '@demeter/common/retry';
import type { Boot } from '../buffer/boot.ts';
import type { Journal, PhotoRow } from '../buffer/journal.ts';
import { notePolicyAction, policyOf } from '../buffer/kept.ts';
import { Refusal } from '../forward/failures.ts';
import {
  type BoxClocks,
  type Registration,
  readClocks,
  toRegistration,
} from '../forward/registration.ts';
import { Nudge } from '../nudge.ts';

/** Body of `POST /api/v1/edge/stand-ins` (docs/protocols.md). */
export interface StandIn extends Registration {
  readonly clock: BoxClocks;
  readonly state: 'kept' | 'resolved';
  readonly policy: { readonly name: string; readonly forward: string };
  readonly kept_until: string | null;
  /** Base64 of a small picture. */
  readonly thumbnail: string | null;
}

export interface StandInsOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly boot: Boot;
  readonly log: Logger;
  readonly random: () => number;
  /** Throws DestinationFailure, Refusal. */
  readonly send: (standIn: StandIn, signal: AbortSignal) => Promise<void>;
  /** A small picture of a photo on this box. Throws UNDECODABLE_PHOTO, and others for now. */
  readonly preview: (row: PhotoRow) => Promise<Uint8Array>;
  /** False: the box is so full that the last room is for photos, and nothing is derived. */
  readonly mayDerive: () => boolean;
  /** A photo is to be sent itself after all. */
  readonly onSend: () => void;
}

const IDLE_MS = 1_000;
const BACKOFF = { baseMs: 2_000, maxMs: 300_000 } as const;
/** One that the centre refuses is said again now and then: people mend such refusals. */
const REFUSED_MS = 15 * 60_000;

/**
 * Tells the centre of photos that a policy keeps here, with a small picture where the policy says
 * so, and of those that it has given up. One after the other, each of some twenty kilobytes: what
 * people look at before they ask for the photo itself. None of it counts as the photo.
 */
export class StandIns {
  #failures = 0;

  constructor(private readonly options: StandInsOptions) {}

  async run(signal: AbortSignal): Promise<void> {
    const pause = new Nudge(this.options.clock);
    while (!signal.aborted) {
      const waitMs = await this.#next(signal);
      if (waitMs > 0) await pause.wait(waitMs, signal);
    }
  }

  /** Milliseconds until there may be something to do. */
  async #next(signal: AbortSignal): Promise<number> {
    const { journal, clock, log, random, mayDerive } = this.options;
    // Of a full box only those whose days are over: they go when the centre knows, and make room.
    const [row] = journal.all<PhotoRow>(
      `SELECT * FROM photos INDEXED BY photos_untold
       WHERE state IN ('rejected_kept','resolved') AND stood_in_at IS NULL
         AND due_at <= ?1 AND (?2 OR state = 'resolved' OR keep_until <= ?1)
       ORDER BY accepted_at DESC LIMIT 1`,
      clock.now(),
      Number(mayDerive()),
    );
    if (!row) return IDLE_MS;
    try {
      await this.#tell(row, signal);
      this.#failures = 0;
      return 0;
    } catch (error) {
      if (signal.aborted) return 0;
      if (error instanceof Refusal) {
        log.warn({ sha256: row.sha256, code: error.code }, 'the centre refuses a stand-in');
        const changes = { due_at: clock.now() + REFUSED_MS, last_error: error.code };
        journal.update(row.sha256, changes);
        return 0;
      }
      if (this.#failures === 0) log.info({ err: error }, 'stand-ins wait');
      return Math.max(1_000, backoffMs(this.#failures++, { ...BACKOFF, random }));
    }
  }

  async #tell(row: PhotoRow, signal: AbortSignal): Promise<void> {
    const { journal, clock, boot, log, send } = this.options;
    const [sighting] = journal.sightings(row.sha256);
    const policy = policyOf(row);
    if (!sighting || !policy) return void this.#sendWhole(row, 'it has no policy');
    const resolved = row.state === 'resolved';
    let picture: Uint8Array | null = null;
    if (!resolved && policy.forward === 'thumbnail') {
      try {
        picture = await this.options.preview(row);
      } catch (error) {
        // Nobody could look at it now: another time.
        const undecodable = error instanceof AppError && error.code === 'UNDECODABLE_PHOTO';
        if (signal.aborted || !undecodable) throw error;
        log.warn({ err: error, sha256: row.sha256 }, 'no small picture can be made of a photo');
        return void this.#sendWhole(row, 'no small picture can be made of it');
      }
    }
    await send(
      {
        ...toRegistration(row, sighting),
        clock: readClocks(clock, boot),
        state: resolved ? 'resolved' : 'kept',
        policy: { name: policy.name, forward: policy.forward },
        kept_until: row.keep_until === null ? null : new Date(row.keep_until).toISOString(),
        thumbnail: picture && Buffer.from(picture).toString('base64'),
      },
      signal,
    );
    // Sent by a person or given up meanwhile, it is another matter.
    journal.run(
      'UPDATE photos SET stood_in_at = ? WHERE sha256 = ? AND state = ?',
      clock.now(),
      row.sha256,
      row.state,
    );
    log.info({ sha256: row.sha256, state: row.state, policy: policy.name }, 'stood in for');
  }

  /** Nothing can stand for it: it goes itself, behind the others. */
  #sendWhole(row: PhotoRow, why: string): void {
    const { journal, clock, onSend } = this.options;
    if (row.state === 'resolved') {
      journal.update(row.sha256, { stood_in_at: clock.now() });
      return;
    }
    journal.transaction(() => {
      // A person may have sent it while it was looked at.
      if (journal.photo(row.sha256)?.state !== 'rejected_kept') return;
      journal.update(row.sha256, { state: 'judged', lane: 4, due_at: 0, last_error: why });
      notePolicyAction(journal, row, { action: 'sent', actor: 'box', at: clock.now() });
    });
    onSend();
  }
}
