import { DestinationFailure, PhotoFailure } from './failures.ts';
import type { Transport, Upload, UploadAnswer } from './transport.ts';

/**
 * Puts bytes where a grant allows it. `exists`: something is there already, and registration
 * compares. Throws DestinationFailure, PhotoFailure.
 */
export async function put(transport: Transport, upload: Upload): Promise<'stored' | 'exists'> {
  const { status, contentType, text } = await send(transport, upload);
  // Object stores answer XML, the core JSON; a page for people comes from something in between.
  if (/html/i.test(contentType) || (status >= 300 && status < 400)) {
    const message = `something other than the store answered (${status})`;
    throw new DestinationFailure('store', 'wrong_answer', message);
  }
  if (status >= 200 && status < 300) return 'stored';
  if (status === 412) return 'exists';
  if (status >= 500 || status === 429 || status === 408 || status === 409) {
    throw new DestinationFailure('store', 'unavailable', `the store answered ${status}`);
  }
  const kind = status === 400 || status === 422 ? 'checksum_refused' : 'grant_refused';
  throw new PhotoFailure(kind, `the store answered ${status}: ${text}`);
}

async function send(transport: Transport, upload: Upload): Promise<UploadAnswer> {
  try {
    return await transport.upload(upload);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    const kind = code === 'ETIMEDOUT' ? 'timeout' : 'unreachable';
    throw new DestinationFailure('store', kind, 'the store cannot be reached', 0, { cause: error });
  }
}
