import type { Clock } from '@demeter/common/clock';
import { failureOfError } from '../forward/recognise.ts';
import { withTimeout } from '../forward/transport.ts';

/** A link may be slow; it may not be silent. */
const SILENCE_MS = 60_000;

export interface Reading {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly signal: AbortSignal;
}

/** The core's bytes as they come. Throws DestinationFailure where none come for a minute. */
export async function* readBody(
  answer: Response,
  { clock, signal }: Reading,
): AsyncGenerator<Uint8Array> {
  const reader = (answer.body ?? new Blob([]).stream()).getReader();
  try {
    for (;;) {
      const { done, value } = await withTimeout(clock, SILENCE_MS, signal, (limited) =>
        Promise.race([reader.read(), rejectOn(limited)]),
      ).catch((error: unknown) => {
        throw failureOfError('core', error);
      });
      if (done) return;
      yield value;
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}

/** What more than `bytesMax` would be is cut: no text of ours is so long, and its hash tells. */
export async function readText(
  answer: Response,
  { bytesMax, ...reading }: Reading & { readonly bytesMax: number },
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of readBody(answer, reading)) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > bytesMax) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function rejectOn(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return promise;
}
