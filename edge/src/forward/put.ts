import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { transportWithTimeout } from '@demeter/common/object-store/s3-transport';
import { DestinationFailure, PhotoFailure } from './failures.ts';

/** A link may be slow; it may not be silent. There is no limit on the whole. */
const SILENCE_MS = 30_000;
/** Enough of an error's body for the log. */
const ANSWER_CHARS_MAX = 500;

const plain = transportWithTimeout(false, SILENCE_MS);
const secure = transportWithTimeout(true, SILENCE_MS);

export interface PutRequest {
  readonly url: URL;
  /** Signed: sent exactly as they are. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ReadableStream<Uint8Array> | Readable;
  readonly signal: AbortSignal;
}

/**
 * Puts bytes where a grant allows it. `exists`: something is there already, and registration
 * compares. Throws DestinationFailure, PhotoFailure.
 */
export async function put(request: PutRequest): Promise<'stored' | 'exists'> {
  const { answer, text } = await send(request);
  const status = answer.statusCode ?? 0;
  // Object stores answer XML, the core JSON; a page for people comes from something in between.
  if (/html/i.test(answer.headers['content-type'] ?? '') || (status >= 300 && status < 400)) {
    const message = `something other than the store answered (${status})`;
    throw new DestinationFailure('store', 'wrong_answer', message);
  }
  if (status >= 200 && status < 300) return 'stored';
  if (status === 412) return 'exists';
  if (status >= 500 || status === 429 || status === 408 || status === 409) {
    throw new DestinationFailure('store', 'unavailable', `the store answered ${status}`);
  }
  const kind = status === 400 || status === 422 ? 'checksum_refused' : 'grant_refused';
  throw new PhotoFailure(kind, `the store answered ${status}: ${text.slice(0, ANSWER_CHARS_MAX)}`);
}

async function send(request: PutRequest): Promise<{ answer: IncomingMessage; text: string }> {
  const { url, headers, signal } = request;
  const body = request.body instanceof Readable ? request.body : Readable.from(request.body);
  const transport = url.protocol === 'https:' ? secure : plain;
  try {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const outgoing = transport.request(url, { method: 'PUT', headers, signal }, resolve);
    outgoing.on('error', reject);
    // A store that refuses early closes its side: its answer counts, not the broken pipe.
    pipeline(body, outgoing).catch(reject);
    const answer = await promise;
    let text = '';
    for await (const chunk of answer) {
      if (text.length < ANSWER_CHARS_MAX) text += Buffer.from(chunk).toString('utf8');
    }
    return { answer, text };
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    const kind = code === 'ETIMEDOUT' ? 'timeout' : 'unreachable';
    throw new DestinationFailure('store', kind, 'the store cannot be reached', 0, { cause: error });
  }
}
