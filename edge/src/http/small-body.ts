import { AppError } from '@demeter/common/errors';
import { limitIncoming } from './incoming.ts';

/** More than any form of the page has. */
const BYTES_MAX = 4 * 1024;

/**
 * The JSON of a request, for routes that strangers reach: the server itself sets no limit to
 * bodies, because photos are counted while they stream. Throws INVALID_INPUT.
 */
export async function readSmallJson(request: Request): Promise<unknown> {
  const limits = { bodyBytesMax: BYTES_MAX, photoBytesMax: BYTES_MAX };
  try {
    return await new Response(limitIncoming(request.body, limits)).json();
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'The request is not as described.', { cause });
  }
}
