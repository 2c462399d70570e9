import type { Clock } from '@demeter/common/clock';
import type { Logger } from '@demeter/common/logger';
import { backoffMs } from '@demeter/common/retry';
import type { AlarmKind } from '../alarms.ts';
import type { Journal, PhotoRow, PhotoState } from '../buffer/journal.ts';
import type { LocalStore } from '../buffer/local-store.ts';
import type { Spool } from '../buffer/spool.ts';
import type { Breakers } from './delivery.ts';
import { DestinationFailure, NotTried, PhotoFailure, Refusal } from './failures.ts';

/** Of one photo whose own sending failed (edge-and-faults: 1 s → 5 min, no limit on tries). */
const PHOTO_BACKOFF = { baseMs: 1_000, maxMs: 300_000 } as const;
/** Of a photo that the core refused for good: people see it, and it is tried now and then. */
export const PARKED_MS = 15 * 60_000;
const JOURNAL_RETRY_MS = 1_000;
/** States in which a try that fails may find its photo. */
const SENT_FROM: ReadonlySet<PhotoState> = new Set<PhotoState>([
  ...(['judged', 'queued', 'uploading', 'stored'] as const),
  ...(['verified', 'evicted'] as const),
]);

export interface OutcomeOptions {
  readonly journal: Journal;
  readonly spool: Spool;
  readonly localStore: LocalStore | null;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  readonly onFailure: (kind: string) => void;
  readonly onAlarm: (kind: AlarmKind, error: unknown) => void;
}

/** What becomes of a photo whose sending failed: tried again soon, later, or seen by people. */
export class Outcome {
  constructor(
    private readonly options: OutcomeOptions,
    private readonly breakers: Breakers,
  ) {}

  /** A journal that cannot be written now is tried until it can: else the photo would be lost sight of. */
  async note(row: PhotoRow, error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.options;
    while (!signal.aborted) {
      try {
        await this.#failed(row, error);
        return;
      } catch (cause) {
        log.error({ err: cause, sha256: row.sha256 }, 'the journal cannot be written');
        await clock.sleep(JOURNAL_RETRY_MS, signal).catch(() => {});
      }
    }
  }

  async #failed(row: PhotoRow, error: unknown): Promise<void> {
    const { journal, clock, log, onFailure, onAlarm, random } = this.options;
    const current = journal.photo(row.sha256) ?? row;
    const back = current.state === 'uploading' ? ({ state: 'queued' } as const) : {};
    if (error instanceof NotTried) {
      journal.note(() => this.#write(current, { ...back, due_at: 0 }));
      return;
    }
    const attempts = current.attempts + 1;
    const pause = backoffMs(attempts, { ...PHOTO_BACKOFF, random });
    const later = { ...back, attempts, due_at: clock.now() + pause };
    if (error instanceof DestinationFailure) {
      this.#destinationFailed(current, error, later);
      return;
    }
    // An answer about one photo: the core itself works.
    this.breakers.core.succeed();
    const code = codeOf(error);
    switch (code) {
      case 'PHOTO_NOT_IN_STORE':
      case 'NOT_FOUND':
        this.#write(current, { ...later, state: 'queued', last_error: code });
        break;
      case 'CHECKSUM_MISMATCH':
      case 'checksum_refused':
      case 'bytes_changed':
        await this.#checkBytes(current, later, (error as Error).message);
        break;
      case 'bytes_missing':
        // Said once: it may come back, and is tried like all that is parked.
        if (current.attempts === 0 || current.parked === null) onAlarm('photos_lost', error);
        this.#park(current, back, attempts, 'BYTES_MISSING');
        break;
      default:
        if (error instanceof Refusal) this.#park(current, back, attempts, error.code);
        else {
          const text = error instanceof PhotoFailure ? error.message : 'failed inside the edge';
          this.#write(current, { ...later, last_error: text });
        }
    }
    onFailure(code);
    log.warn({ sha256: row.sha256, err: error, attempts }, 'a photo was not sent');
  }

  #destinationFailed(
    current: PhotoRow,
    failure: DestinationFailure,
    later: Partial<PhotoRow>,
  ): void {
    const { log, onFailure } = this.options;
    const { destination, kind, message, retryAfterMs } = failure;
    if (destination === 'store') this.breakers.core.succeed();
    const wasClosed = this.breakers[destination].closed;
    this.breakers[destination].fail(message, retryAfterMs, kind);
    this.#write(current, { ...later, last_error: message });
    onFailure(`${destination}_${kind}`);
    const fields = { sha256: current.sha256, destination, kind };
    if (wasClosed) log.warn({ ...fields, err: failure.cause }, message);
    else log.debug(fields, message);
  }

  #park(current: PhotoRow, changes: Partial<PhotoRow>, attempts: number, code: string): void {
    const due_at = this.options.clock.now() + PARKED_MS;
    this.#write(current, { ...changes, attempts, due_at, parked: code, last_error: code });
  }

  /** The centre finds other bytes than announced: were they spoilt on the way, or here? */
  async #checkBytes(current: PhotoRow, later: Partial<PhotoRow>, reason: string): Promise<void> {
    const { spool, localStore, onAlarm } = this.options;
    const { sha256, in_spool, attempts } = current;
    const intact = in_spool
      ? await spool.isSound(sha256)
      : // A copy that cannot be read now may well be sound.
        ((await localStore?.isSound(sha256).catch(() => true)) ?? true);
    if (intact) {
      this.#write(current, { ...later, state: 'queued', last_error: reason });
      return;
    }
    if (!this.#isStill(current)) return;
    onAlarm('bytes_changed', new PhotoFailure('bytes_changed', `photo ${sha256}`));
    const quarantine = 'The bytes on this box have changed since the photo was accepted.';
    this.#park(current, { state: 'queued', quarantine }, attempts + 1, 'BYTES_CHANGED');
  }

  #write(current: PhotoRow, changes: Partial<PhotoRow>): void {
    if (this.#isStill(current)) this.options.journal.update(current.sha256, changes);
  }

  /**
   * Bytes that a camera has sent anew, in place of spoilt ones, begin with the judge: what the try
   * with the old ones has come to is not theirs.
   */
  #isStill({ sha256, state }: PhotoRow): boolean {
    return SENT_FROM.has(state) && this.options.journal.photo(sha256)?.state === state;
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Refusal) return error.code;
  return error instanceof PhotoFailure ? error.kind : 'internal';
}
