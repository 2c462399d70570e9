import { createHash } from 'node:crypto';
import { AppError } from '@demeter/common/errors';
import { setAsideKey } from '@demeter/common/object-keys';
import type { ObjectStore } from '@demeter/common/object-store/object-store';

/** An original as its photo names it. */
export interface Original {
  readonly sha256: Buffer;
  readonly object_key: string;
}

export type Finding = 'present' | 'gone' | 'changed';

/**
 * Reads an original and hashes it. What looks lost is read a second time: one bad answer of a store
 * is no loss. Throws OBJECT_STORE_UNAVAILABLE.
 */
export async function examineOriginal(store: ObjectStore, original: Original): Promise<Finding> {
  const first = await hashOf(store, original.object_key);
  if (first?.equals(original.sha256)) return 'present';
  const second = await hashOf(store, original.object_key);
  if (second === null) return 'gone';
  return second.equals(original.sha256) ? 'present' : 'changed';
}

/**
 * Moves bytes that are not the original's from its key, so that the original can be put there
 * again; they stay in the store under a key that names their own hash, for whoever looks into it.
 */
export async function setAside(
  store: ObjectStore,
  organisationId: string,
  original: Original,
): Promise<void> {
  const head = await store.head(original.object_key);
  const found = head && (await hashOf(store, original.object_key));
  if (!found || found.equals(original.sha256)) return;
  const photo = { organisationId, sha256: original.sha256.toString('hex') };
  const actual = found.toString('hex');
  await store.copy(original.object_key, setAsideKey(photo, actual), {
    sha256: actual,
    sizeBytes: head.sizeBytes,
    mediaType: head.mediaType ?? 'application/octet-stream',
  });
  await store.remove(original.object_key);
}

/** Null: there is no such object. */
async function hashOf(store: ObjectStore, key: string): Promise<Buffer | null> {
  const hash = createHash('sha256');
  try {
    const { stream } = await store.get(key);
    for await (const chunk of stream) hash.update(chunk);
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
  return hash.digest();
}
