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
  /** Hears why the body broke, where its reader says something else. */
  readonly onError?: (error: unknown) => void;
}

/**
 * A request's body with an end: one that trickles is cut (DEADLINE_EXCEEDED), one that goes on is
 * too large (PHOTO_TOO_LARGE). Only time spent waiting for the client counts, not our own disk's.
 */
export function limitIncoming(
  body: ReadableStream<Uint8Array>,
  { bodyBytesMax, photoBytesMax, pace = PACE, onError }: IncomingLimits,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let received = 0;
  let waitedMs = 0;
  const next = async () => {
    const allowedMs = pace.graceMs + (received / pace.bytesPerSecond) * 1000;
    const began = performance.now();
    const chunk = await within(reader.read(), allowedMs - waitedMs);
    waitedMs += performance.now() - began;
    received += chunk.value?.length ?? 0;
    if (received > bodyBytesMax) throw tooLarge(photoBytesMax);
    return chunk;
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        onError?.(error);
        controller.error(error);
        await reader.cancel(error).catch(() => {});
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new AppError('DEADLINE_EXCEEDED', 'The upload is too slow.'));
  }, ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
