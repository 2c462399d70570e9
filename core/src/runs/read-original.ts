import { createHash } from 'node:crypto';
import { AppError } from '@demeter/common/errors';
import type { ObjectStore } from '@demeter/common/object-store/object-store';

/**
 * All bytes of an original, checked against its hash.
 * Throws NOT_FOUND, CHECKSUM_MISMATCH, OBJECT_STORE_UNAVAILABLE.
 */
export async function readOriginal(
  originals: ObjectStore,
  photo: { readonly object_key: string; readonly sha256: Buffer },
): Promise<Uint8Array> {
  const { stream } = await originals.get(photo.object_key);
  const bytes = await new Response(stream).bytes();
  if (createHash('sha256').update(bytes).digest().equals(photo.sha256)) return bytes;
  throw new AppError('CHECKSUM_MISMATCH', 'The stored original is not what was received.');
}
