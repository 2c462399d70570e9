import { randomBytes } from 'node:crypto';
import type { Snapshot } from '../config-file/file-schema.ts';
import { answerChallenge } from './digest.ts';
import { MissedShot } from './missed.ts';
import { readSecret } from './secret.ts';

export interface Taken {
  /** The photo's bytes; throws MissedShot while it is read. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** As announced; undefined: not at all. */
  readonly sizeBytes?: number;
}

const REDIRECTS_MAX = 3;

/**
 * Asks a camera for a photo. Credentials go to the configured host alone, and redirects only
 * within it: a camera that was taken over leads nowhere. `signal` also ends the reading.
 */
export async function takeHttpSnapshot(snapshot: Snapshot, signal: AbortSignal): Promise<Taken> {
  let url = new URL(snapshot.url);
  for (let redirects = 0; ; redirects++) {
    const answer = await askWithLogin(url, snapshot, signal);
    const to = answer.headers.get('location');
    if (answer.status < 300 || answer.status >= 400 || to === null) return toTaken(answer);
    await answer.body?.cancel();
    const next = URL.parse(to, url.href);
    if (next?.origin !== url.origin) throw new MissedShot('the camera leads to another address');
    if (redirects >= REDIRECTS_MAX) throw new MissedShot('the camera leads round in a circle');
    url = next;
  }
}

async function askWithLogin(url: URL, snapshot: Snapshot, signal: AbortSignal): Promise<Response> {
  const { header, user, password } = snapshot;
  const headers: Record<string, string> = { accept: 'image/*' };
  if (header) headers[header.name] = readSecret(header);
  const first = await ask(url, headers, signal);
  if (first.status !== 401 || user === undefined || password === undefined) return first;
  await first.body?.cancel();
  const authorization = answerChallenge(
    first.headers.get('www-authenticate') ?? '',
    { user, password: readSecret(password) },
    { method: 'GET', uri: url.pathname + url.search, cnonce: randomBytes(16).toString('hex') },
  );
  if (authorization === null) throw new MissedShot('the camera asks for a login of another kind');
  return await ask(url, { ...headers, authorization }, signal);
}

async function ask(
  url: URL,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response> {
  try {
    // It stands in the box's own network: no proxy learns its password.
    return await fetch(url, { headers, signal, redirect: 'manual', proxy: false });
  } catch (cause) {
    throw unreachable(cause);
  }
}

async function toTaken(answer: Response): Promise<Taken> {
  const type = answer.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  const refuse = async (why: string) => {
    await answer.body?.cancel();
    throw new MissedShot(why);
  };
  if (answer.status === 401) await refuse('the camera refuses user and password');
  if (!answer.ok) await refuse(`the camera answered ${answer.status}`);
  if (type.startsWith('multipart/')) await refuse('the address is of a stream, not of a snapshot');
  if (/^text\/|json|xml/.test(type)) await refuse(`the camera sent ${type}, no photo`);
  const { body } = answer;
  if (body === null) throw new MissedShot('the camera sent nothing');
  const announced = Number(answer.headers.get('content-length') ?? Number.NaN);
  return { chunks: reading(body), ...(announced > 0 ? { sizeBytes: announced } : {}) };
}

async function* reading(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw unreachable(cause);
      });
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function unreachable(cause: unknown): MissedShot {
  const late = (cause as Error).name === 'TimeoutError';
  const why = late ? 'the camera did not answer in time' : 'the camera cannot be reached';
  return new MissedShot(why, { cause });
}
