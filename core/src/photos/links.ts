import { createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '@demeter/common/errors';
import { parseSha256 } from '@demeter/common/ids';
import type { CoreContext } from '../context.ts';

export const FILE_KINDS = ['original', 'overlay', 'thumbnail'] as const;
export type FileKind = (typeof FILE_KINDS)[number];

const HOUR_MS = 3_600_000;

type LinkContext = Pick<CoreContext, 'secrets' | 'values' | 'clock'>;

export interface FileRef {
  readonly organisationId: string;
  readonly kind: FileKind;
  /** Hex. */
  readonly photoId: string;
}

/** How a caller of the API reaches files: the public address, or the one it used itself. */
export function linkBase({ values }: Pick<CoreContext, 'values'>, request: Request): string {
  return (values.DEMETER_CORE_PUBLIC_URL ?? new URL(request.url).origin).replace(/\/+$/, '');
}

/**
 * A link to one file, good without cookie or token until it expires. Expiries fall on quarters of
 * the life of a link, so that a page that is loaded again finds its pictures in the cache.
 */
export function signLink(context: LinkContext, base: string, file: FileRef): string {
  const life = context.values.S3_PRESIGNED_URL_EXPIRY_HOURS * HOUR_MS;
  const quarter = life / 4;
  const expires = Math.floor(context.clock.now() / quarter) * quarter + life;
  const query = new URLSearchParams({
    organisation: file.organisationId,
    expires: String(expires),
    signature: signatureOf(context, file, expires).toString('base64url'),
  });
  return `${base}/api/v1/files/${file.kind}/${file.photoId}?${query}`;
}

export interface LinkQuery {
  readonly organisation: string;
  readonly expires: number;
  readonly signature: string;
}

/** Answers milliseconds left. Throws PERMISSION_DENIED for a link that is not ours or expired. */
export function checkLink(
  context: LinkContext,
  kind: FileKind,
  photoId: string,
  query: LinkQuery,
): number {
  parseSha256(photoId, 'photo_id');
  const file = { organisationId: query.organisation, kind, photoId };
  const expected = signatureOf(context, file, query.expires);
  const given = Buffer.from(query.signature, 'base64url');
  const left = query.expires - context.clock.now();
  if (given.length !== expected.length || !timingSafeEqual(given, expected) || left <= 0) {
    throw new AppError('PERMISSION_DENIED', 'This link is not valid, or no longer.', {
      hint: 'Ask for the photo again: its answer carries new links.',
    });
  }
  return left;
}

function signatureOf({ secrets }: LinkContext, file: FileRef, expires: number): Buffer {
  const { organisationId, kind, photoId } = file;
  return createHmac('sha256', secrets.links)
    .update(['file', organisationId, kind, photoId, expires].join('\n'))
    .digest();
}
