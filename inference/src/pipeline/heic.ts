import { AppError } from '@demeter/common/errors';
import { SNIFF_BYTES, sniffFormat } from '@demeter/common/photo-format';
import type { HeicAnswer, HeicRequest } from './heic-worker.ts';

export interface Rgba {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A decoder that takes longer will not come back (100 megapixels take a quarter of it). */
const DECODE_MS = 60_000;

let worker: Worker | undefined;
/** One photo at a time, so that a decoder that fails costs no other photo its result. */
let turn: Promise<unknown> = Promise.resolve();

/** By the rule by which photos are accepted; AVIF is not HEIC. */
export function isHeic(bytes: Uint8Array): boolean {
  return sniffFormat(bytes.subarray(0, SNIFF_BYTES)) === 'heic';
}

/** False if a top-level box reaches beyond the file: libheif fills what is missing with nothing. */
function isWhole(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + 8 <= bytes.length) {
    // ISO/IEC 14496-12, 4.2: 1 announces a 64-bit size, 0 a box that goes on to the end.
    const short = view.getUint32(at);
    const long = short === 1 && at + 16 <= bytes.length;
    const size = long ? Number(view.getBigUint64(at + 8)) : short;
    if (size === 0) return true;
    if (size < 8) return false;
    at += size;
  }
  return at === bytes.length;
}

/** Decodes a HEIC photo, upright. Throws UNDECODABLE_PHOTO, TOO_MANY_PIXELS, DEADLINE_EXCEEDED. */
export async function decodeHeic(bytes: Uint8Array, pixelsMax: number): Promise<Rgba> {
  if (!isWhole(bytes)) {
    throw new AppError('UNDECODABLE_PHOTO', 'The HEIC photo ends early.');
  }
  const mine = turn.then(() => ask(bytes, pixelsMax));
  turn = mine.catch(() => {});
  const result = await mine;
  if (!('error' in result)) return result;
  if (result.tooLarge) throw new AppError('TOO_MANY_PIXELS', `The photo has ${result.error}.`);
  throw new AppError('UNDECODABLE_PHOTO', `The HEIC photo cannot be decoded: ${result.error}.`);
}

async function ask(bytes: Uint8Array, pixelsMax: number): Promise<HeicAnswer> {
  worker ??= startWorker();
  const asked = worker;
  const answer = Promise.withResolvers<HeicAnswer>();
  asked.onmessage = (event: MessageEvent<HeicAnswer>) => answer.resolve(event.data);
  // A damaged file can take the decoder down; the next photo gets a new one.
  asked.onerror = (event) => {
    dismiss(asked);
    answer.resolve({ error: event.message, tooLarge: false });
  };
  const late = setTimeout(() => {
    dismiss(asked);
    answer.reject(new AppError('DEADLINE_EXCEEDED', 'The HEIC decoder does not answer.'));
  }, DECODE_MS);
  // A copy: `bytes` may be a view into a larger message.
  const copy = bytes.slice();
  const request: HeicRequest = { bytes: copy, pixelsMax };
  asked.postMessage(request, [copy.buffer]);
  try {
    return await answer.promise;
  } finally {
    clearTimeout(late);
  }
}

function startWorker(): Worker {
  const started = new Worker(new URL('./heic-worker.ts', import.meta.url));
  // The decoder alone must not keep the process alive.
  started.unref();
  return started;
}

function dismiss(broken: Worker): void {
  broken.terminate();
  worker = undefined;
}
