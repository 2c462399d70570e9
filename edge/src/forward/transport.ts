import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '@demeter/common/clock';
import { transportWithTimeout } from '@demeter/common/object-store/s3-transport';

/** The network as a seam: the simulation gives one that loses, delays, repeats and lies. */
export interface Transport {
  /** Small requests and answers. */
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Streams a body with exactly these headers: `fetch` would leave out its length. */
  upload(upload: Upload): Promise<UploadAnswer>;
}

export interface Upload {
  readonly url: URL;
  /** Signed: sent exactly as they are. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

export interface UploadAnswer {
  readonly status: number;
  readonly contentType: string;
  /** The beginning of the body. */
  readonly text: string;
  /** The header of that name. */
  readonly retryAfter?: string | null;
}

/**
 * A link may be slow; it may not be silent. There is no limit on the whole of an upload. With 30 %
 * of all packets lost TCP is silent for minutes now and then, and a part begun again costs more.
 */
export const SILENCE_MS = 120_000;
/** Enough of an error's body for the log. */
const ANSWER_CHARS_MAX = 500;

const plain = transportWithTimeout(false, SILENCE_MS);
const secure = transportWithTimeout(true, SILENCE_MS);

export const realTransport: Transport = {
  fetch: (url, init) => fetch(url, init),
  upload: async ({ url, headers, body, signal }) => {
    const transport = url.protocol === 'https:' ? secure : plain;
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const outgoing = transport.request(url, { method: 'PUT', headers, signal }, resolve);
    // Bytes that end in an error break the connection, which may say so first.
    let cause: unknown = null;
    const watched = async function* () {
      try {
        yield* body;
      } catch (error) {
        cause = error;
        throw error;
      }
    };
    const fail = (error: unknown) => reject(cause ?? error);
    outgoing.on('error', fail);
    // A store that refuses early closes its side: its answer counts, not the broken pipe.
    pipeline(Readable.from(watched()), outgoing).catch(fail);
    const answer = await promise;
    let text = '';
    for await (const chunk of answer) {
      if (text.length < ANSWER_CHARS_MAX) text += Buffer.from(chunk).toString('utf8');
    }
    return {
      status: answer.statusCode ?? 0,
      contentType: answer.headers['content-type'] ?? '',
      text: text.slice(0, ANSWER_CHARS_MAX),
      retryAfter: answer.headers['retry-after'] ?? null,
    };
  },
};

/** Runs `run` with a signal that aborts with a TimeoutError after `ms`, or with `signal`. */
export async function withTimeout<T>(
  clock: Pick<Clock, 'sleep'>,
  ms: number,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const [late, done] = [new AbortController(), new AbortController()];
  clock.sleep(ms, done.signal).then(
    () => late.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError')),
    () => {},
  );
  try {
    return await run(AbortSignal.any([signal, late.signal]));
  } finally {
    done.abort();
  }
}
