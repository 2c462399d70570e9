import type { ReadableStreamDefaultReader } from 'node:stream/web';
import { AppError } from '@demeter/common/errors';
import { tooLarge } from '@demeter/common/photo-format';

export interface Pace {
  /** Waiting for the client that no upload has to explain. */
  readonly graceMs: number;
  /** Slowest average beyond it. */
  readonly bytesPerSecond: number;
}

/** A weak radio link carries a photo of 4 MB within six minutes; who is slower only holds a place. */
const PACE: Pace = { graceMs: 60_000, bytesPerSecond: 16 * 1024 };

export interface IncomingLimits {
  /** Of the whole body, a form's own bytes included. */
  readonly bodyBytesMax: number;
  /** Of the photo, for the message. */
  readonly photoBytesMax: number;
  readonly pace?: Pace | undefined;
}

/**
 * A request's body with an end: one that trickles is cut (DEADLINE_EXCEEDED), one that goes on is
 * too large (PHOTO_TOO_LARGE). Only time spent waiting for the client counts, not our own disk's.
 */
export class Incoming implements AsyncIterableIterator<Uint8Array> {
  /** Each chunk has memory of its own, which whoever reads it may give back. */
  readonly owned = true;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #pace: Pace;
  #received = 0;
  #waitedMs = 0;
  /** Monotonic milliseconds; null: the client is not waited for. */
  #waitingSince: number | null = null;
  #timer: Timer | null = null;
  #late: AppError | null = null;

  constructor(
    body: ReadableStream<Uint8Array> | null,
    private readonly limits: IncomingLimits,
  ) {
    this.#reader = (body ?? new Blob([]).stream()).getReader();
    this.#pace = limits.pace ?? PACE;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#waitingSince = performance.now();
    // One for the whole upload: it looks again when it fires too early.
    this.#timer ??= setTimeout(this.#look, this.#leftMs());
    try {
      const { done, value } = await this.#reader.read();
      this.#waitedMs += performance.now() - this.#waitingSince;
      this.#waitingSince = null;
      if (this.#late) throw this.#late;
      if (done) return await this.return();
      this.#received += value.length;
      if (this.#received > this.limits.bodyBytesMax) throw tooLarge(this.limits.photoBytesMax);
      return { done: false, value };
    } catch (error) {
      await this.return(error);
      throw error;
    }
  }

  /** Lets go of the client; a chunk that is being waited for comes no more. */
  async return(reason?: unknown): Promise<{ done: true; value: undefined }> {
    if (this.#timer) clearTimeout(this.#timer);
    await this.#reader.cancel(reason).catch(() => {});
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #look = () => {
    this.#timer = null;
    // Our own disk is waited for: the next chunk sets it again.
    if (this.#waitingSince === null) return;
    const leftMs = this.#leftMs();
    if (leftMs > 0) {
      this.#timer = setTimeout(this.#look, leftMs);
      return;
    }
    this.#late = new AppError('DEADLINE_EXCEEDED', 'The upload is too slow.');
    void this.#reader.cancel(this.#late).catch(() => {});
  };

  #leftMs(): number {
    const allowedMs = this.#pace.graceMs + (this.#received / this.#pace.bytesPerSecond) * 1000;
    const waitingMs = this.#waitingSince === null ? 0 : performance.now() - this.#waitingSince;
    return Math.max(0, allowedMs - this.#waitedMs - waitingMs);
  }
}

/** The same as a stream; `onError` hears why it broke, where its reader says something else. */
export function limitIncoming(
  body: ReadableStream<Uint8Array> | null,
  limits: IncomingLimits,
  onError: (error: unknown) => void = () => {},
): ReadableStream<Uint8Array> {
  const chunks = new Incoming(body, limits);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        onError(error);
        controller.error(error);
      }
    },
    cancel: async (reason) => {
      await chunks.return(reason);
    },
  });
}
