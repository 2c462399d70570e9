import type { Handle } from '../db/database.ts';
import type { PhotoEye } from './photo-eye.ts';
import { findTagged } from './place-queries.ts';

/** First look (decisions, "From photo to books"). */
const FIRST_LONG_SIDE = 2_000;
/** Second look, at the full frame; beyond this tags are large enough to be found in less. */
const SECOND_LONG_SIDE = 4_000;

interface TagQuestion {
  readonly organisationId: string;
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** Look at the full frame too: it takes the better part of a second. */
  readonly thorough: boolean;
}

/**
 * Codes on tags in the photo: looked for small first, and, if asked, in the full frame where none
 * of those found is a place. Throws UNDECODABLE_PHOTO.
 */
export async function readTags(
  eye: PhotoEye,
  db: Handle,
  { organisationId, bytes, mediaType, thorough }: TagQuestion,
): Promise<readonly string[]> {
  const first = await eye.readTags({ bytes, mediaType, longSideMax: FIRST_LONG_SIDE });
  const known = await findTagged(db, organisationId, first);
  if (known.length > 0 || !thorough) return first;
  const second = await eye.readTags({ bytes, mediaType, longSideMax: SECOND_LONG_SIDE });
  return [...new Set([...first, ...second])];
}
