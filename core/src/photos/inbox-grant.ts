import { createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '@demeter/common/errors';
import type { PutGrant } from '@demeter/common/object-store/object-store';
import type { CoreContext } from '../context.ts';

/** What a grant allows: exactly these bytes, under this edge's inbox key. */
export interface InboxGrant {
  readonly organisationId: string;
  readonly edgeId: string;
  /** Hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly mediaType: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

type SigningContext = Pick<CoreContext, 'secrets' | 'clock'>;

/** Where the object store has no address of its own the core itself takes the bytes. */
export function signInboxGrant(context: SigningContext, grant: InboxGrant): PutGrant {
  const query = new URLSearchParams({
    organisation: grant.organisationId,
    expires: String(grant.expires),
    signature: signatureOf(context, grant).toString('base64url'),
  });
  return {
    method: 'PUT',
    url: `/api/v1/edge/inbox/${grant.edgeId}/${grant.sha256}?${query}`,
    headers: {
      'content-type': grant.mediaType,
      'if-none-match': '*',
      'x-demeter-size': String(grant.sizeBytes),
    },
    expiresAt: new Date(grant.expires).toISOString(),
  };
}

/** Throws PERMISSION_DENIED unless this very grant was given and is still good. */
export function checkInboxGrant(
  context: SigningContext,
  grant: InboxGrant,
  signature: string,
): void {
  const expected = signatureOf(context, grant);
  const given = Buffer.from(signature, 'base64url');
  const isGood = given.length === expected.length && timingSafeEqual(given, expected);
  if (isGood && grant.expires > context.clock.now()) return;
  throw new AppError('PERMISSION_DENIED', 'This grant is not valid, or no longer.', {
    hint: 'Ask for a grant and send its headers unchanged.',
  });
}

function signatureOf({ secrets }: SigningContext, grant: InboxGrant): Buffer {
  const { organisationId, edgeId, sha256, sizeBytes, mediaType, expires } = grant;
  return createHmac('sha256', secrets.links)
    .update(['inbox', organisationId, edgeId, sha256, sizeBytes, mediaType, expires].join('\n'))
    .digest();
}
