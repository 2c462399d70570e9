import { PhotoFailure } from './failures.ts';
import { failureOfAnswer, failureOfError } from './recognise.ts';
import type { Transport, Upload } from './transport.ts';

/**
 * Puts bytes where a grant allows it. `exists`: something is there already, and registration
 * compares. Throws DestinationFailure, PhotoFailure.
 */
export async function put(
  transport: Transport,
  upload: Upload,
  now: number,
): Promise<'stored' | 'exists'> {
  const answer = await transport.upload(upload).catch((error: unknown) => {
    throw error instanceof PhotoFailure ? error : failureOfError('store', error);
  });
  const { status, contentType, text, retryAfter = null } = answer;
  const seen = { destination: 'store', status, contentType, text, code: null } as const;
  const failure = failureOfAnswer({ ...seen, retryAfter }, now);
  if (failure) throw failure;
  if (status < 300) return 'stored';
  if (status === 412) return 'exists';
  const kind = status === 400 || status === 422 ? 'checksum_refused' : 'grant_refused';
  throw new PhotoFailure(kind, `the store answered ${status}: ${text}`);
}
