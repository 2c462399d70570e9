import type { Clock } from '@demeter/common/clock';

/** The network as a seam: the simulation gives one that loses, delays, repeats and lies. */
export interface Transport {
  /** Small requests and answers. */
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Streams a body with exactly these headers. What the body throws is thrown. */
  upload(upload: Upload): Promise<UploadAnswer>;
}

export interface Upload {
  readonly url: URL;
  /** Signed: sent exactly as they are; the length is among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Asked for its next bytes when those before have been taken. */
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

/** Enough of an error's body for the log. */
const ANSWER_CHARS_MAX = 500;
/** Bun keeps idle connections for so long. */
const KEPT_MS = 5 * 60_000;

/**
 * The real network. A request that nothing came back for makes connections that are still open
 * suspect: a router that was started again has forgotten them, and each would swallow one more
 * request. Until the last of them has been closed every request gets a connection of its own.
 */
export function createTransport(now: () => number = () => performance.now()): Transport {
  let suspectUntil = Number.NEGATIVE_INFINITY;
  const ask = async (url: URL | string, init: BunFetchRequestInit): Promise<Response> => {
    try {
      return await fetch(url, { ...init, keepalive: now() >= suspectUntil });
    } catch (error) {
      if ((error as Error).name === 'TimeoutError') suspectUntil = now() + KEPT_MS;
      throw error;
    }
  };
  return {
    fetch: ask,
    upload: async ({ url, headers, body, signal }) => {
      const options = { headers, body, signal, redirect: 'manual', timeout: false } as const;
      const answer = await ask(url, { method: 'PUT', ...options });
      return {
        status: answer.status,
        contentType: answer.headers.get('content-type') ?? '',
        text: await beginningOf(answer),
        retryAfter: answer.headers.get('retry-after'),
      };
    },
  };
}

export const realTransport: Transport = createTransport();

async function beginningOf(answer: Response): Promise<string> {
  // A store has mostly nothing to say: a stream costs more than all the rest of its answer.
  if (answer.headers.get('content-length') === '0') return '';
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= ANSWER_CHARS_MAX) break;
  }
  return text.slice(0, ANSWER_CHARS_MAX);
}

/** Why a pause ended that nobody needs any more; one for all, because an error is dear to make. */
export const OVER = new Error('over');

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
    done.abort(OVER);
  }
}
