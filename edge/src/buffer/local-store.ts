import { createHash } from 'node:crypto';
import type { Clock } from '@demeter/common/clock';
import { AppError, type ErrorCode } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import type { ObjectStore } from '@demeter/common/object-store/object-store';
import { shortageOf, toDiskError } from './disk.ts';
import type { Journal, PhotoRow } from './journal.ts';
import { PREFIXES, type Spool } from './spool.ts';

/**
 * The copy of each photo in the box's own object store (a MinIO beside the edge). It is believed
 * only after it was read back and hashed. Unsent photos stay in the spool as well, so that the
 * edge survives the loss of its store; without a store the spool alone is the buffer.
 */

/** A verified photo leaves the spool this long after its copy was checked. */
export const SPOOL_GRACE_MS = 5 * 60_000;

/** Answers of the store about one photo; all others are about the store. */
const PHOTOS_OWN = new Set<ErrorCode>(['CHECKSUM_MISMATCH', 'CONFLICT']);

/** A photo that cannot be copied is looked at again after this, twice as long each time. */
const AGAIN_MS = 60_000;
const AGAIN_MS_MAX = 3_600_000;
/** So many are remembered as such; a store that spoils every copy has as many as there are photos. */
const LATER_MAX = 1_000;

/** Says that the store has been this box's since its copies were last asked for. */
const MARKER = 'demeter-edge';
const MARK = Buffer.from('The copies of a Demeter edge.\n');

const SHA256_CHARS = 64;

export function bufferKey(sha256: string): string {
  return `photos/${sha256.slice(0, 2)}/${sha256}`;
}

export class LocalStore {
  /** Photos of which no sound copy can be made now; `dueAt` in monotonic milliseconds. */
  readonly #later = new Map<string, { readonly failures: number; readonly dueAt: number }>();

  constructor(
    private readonly store: ObjectStore,
    private readonly spool: Spool,
    private readonly journal: Journal,
    private readonly clock: Clock,
    private readonly log: Logger,
    /** The spool's file of a photo cannot be read, or has other bytes: said once of each. */
    private readonly onSpoilt: (sha256: string, error: unknown) => void = () => {},
  ) {}

  /**
   * Copies photos that have no copy yet, reads them back and notes it. A photo whose own bytes are
   * refused or cannot be read does not keep the others from their turn. `mayCopy` is asked before
   * each: copies need room that photos may have to have. Throws with the store.
   */
  async bufferPending(
    limit: number,
    signal: AbortSignal,
    mayCopy: () => boolean = () => true,
  ): Promise<void> {
    const rows = this.journal.all<PhotoRow>(
      `SELECT * FROM photos WHERE in_spool = 1 AND buffered_at IS NULL AND state <> 'evicted'
       ORDER BY accepted_at LIMIT ?`,
      limit + this.#later.size,
    );
    const now = this.clock.monotonic();
    const due = rows.filter(({ sha256 }) => (this.#later.get(sha256)?.dueAt ?? now) <= now);
    for (const row of due.slice(0, limit)) {
      if (signal.aborted || !mayCopy()) break;
      await this.#buffer(row);
    }
  }

  /** The copy's bytes. Throws NOT_FOUND, OBJECT_STORE_UNAVAILABLE. */
  async open(sha256: string): Promise<ReadableStream<Uint8Array>> {
    return (await this.store.get(bufferKey(sha256))).stream;
  }

  /** Whether there is a copy, with the photo's bytes. Throws with the store. */
  async isSound(sha256: string): Promise<boolean> {
    const hash = createHash('sha256');
    try {
      for await (const chunk of await this.open(sha256)) hash.update(chunk);
    } catch (error) {
      if (error instanceof AppError && error.code === 'NOT_FOUND') return false;
      throw error;
    }
    return hash.digest('hex') === sha256;
  }

  /** Photos of which there is a copy: all, or those whose hash begins with two digits. */
  async *copies(prefix = ''): AsyncGenerator<string> {
    for await (const key of this.store.list(prefix === '' ? 'photos/' : `photos/${prefix}/`)) {
      const sha256 = key.slice(-SHA256_CHARS);
      if (/^[0-9a-f]+$/.test(sha256) && key === bufferKey(sha256)) yield sha256;
    }
  }

  async remove(sha256: string): Promise<void> {
    await this.store.remove(bufferKey(sha256));
  }

  /**
   * Makes the bucket where it is missing: a store may come late, or come back empty. One that does
   * not know this box, or no longer, is asked which copies it has; the others are made again.
   */
  async prepare(): Promise<void> {
    await this.store.init();
    if ((await this.store.head(MARKER)) !== null) return;
    for (const prefix of PREFIXES) await this.#forgetCopies(prefix);
    const sha256 = createHash('sha256').update(MARK).digest('hex');
    const facts = { sha256, sizeBytes: MARK.length, mediaType: 'text/plain' };
    await this.store.put(MARKER, { bytes: MARK }, facts);
  }

  async #forgetCopies(prefix: string): Promise<void> {
    const rows = this.journal.all<Pick<PhotoRow, 'sha256' | 'in_spool' | 'state'>>(
      `SELECT sha256, in_spool, state FROM photos
       WHERE sha256 >= ? AND sha256 < ? AND buffered_at IS NOT NULL`,
      prefix,
      `${prefix}g`,
    );
    if (rows.length === 0) return;
    const there = new Set(await Array.fromAsync(this.copies(prefix)));
    for (const { sha256, in_spool, state } of rows) {
      if (there.has(sha256)) continue;
      this.log.warn({ sha256 }, 'the local store has lost its copy');
      const lost = in_spool === 0 && state !== 'verified';
      const missing = lost ? { parked: 'BYTES_MISSING', last_error: 'BYTES_MISSING' } : {};
      this.journal.update(sha256, { buffered_at: null, ...missing });
    }
  }

  async #buffer(row: PhotoRow): Promise<void> {
    const key = bufferKey(row.sha256);
    const facts = { sha256: row.sha256, sizeBytes: row.size_bytes, mediaType: row.media_type };
    try {
      await this.store.put(key, { path: this.spool.pathOf(row.sha256) }, facts);
    } catch (error) {
      const isOwn = error instanceof AppError && PHOTOS_OWN.has(error.code);
      if (!isOwn && !(await this.#isSpoilt(row.sha256))) throw error;
      this.log.error({ err: error, sha256: row.sha256 }, 'a photo cannot be copied');
      // The spool's bytes stand for the photo: another copy goes, and is made again.
      if (isOwn && error.code === 'CONFLICT') {
        await this.store.remove(key);
        this.#tryLater(row.sha256, 'at once');
      } else {
        if (!this.#later.has(row.sha256)) this.onSpoilt(row.sha256, error);
        this.#tryLater(row.sha256, 'after a pause');
      }
      return;
    }
    if (await this.isSound(row.sha256)) {
      this.#later.delete(row.sha256);
      this.journal.update(row.sha256, { buffered_at: this.clock.now() });
      return;
    }
    this.log.error({ sha256: row.sha256 }, 'the copy in the local store has other bytes');
    await this.store.remove(key);
    this.#tryLater(row.sha256, 'at once');
  }

  /** Whether the photo's own file is why it was not copied, and not the store or the process. */
  async #isSpoilt(sha256: string): Promise<boolean> {
    try {
      return !(await this.spool.isSound(sha256));
    } catch (error) {
      return shortageOf(toDiskError(error)) === null;
    }
  }

  #tryLater(sha256: string, first: 'at once' | 'after a pause'): void {
    const { failures } = this.#later.get(sha256) ?? { failures: 0 };
    const isNow = failures === 0 && first === 'at once';
    const pauseMs = isNow ? 0 : Math.min(AGAIN_MS_MAX, AGAIN_MS * 2 ** failures);
    // Behind the others: those that failed longest ago are forgotten first, and tried sooner.
    this.#later.delete(sha256);
    this.#later.set(sha256, { failures: failures + 1, dueAt: this.clock.monotonic() + pauseMs });
    const [oldest] = this.#later.keys();
    if (this.#later.size > LATER_MAX && oldest !== undefined) this.#later.delete(oldest);
  }
}
