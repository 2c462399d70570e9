import { AppError } from '@demeter/common/errors';
import { sql } from 'kysely';
import type { Transaction } from '../db/database.ts';
import { type BookingOutcome, bookCount } from '../stock/book-count.ts';
import type { LocationSource } from './place-decision.ts';
import { setPlace } from './place-queries.ts';

export interface PlacePhotoInput {
  readonly organisationId: string;
  readonly sha256: Buffer;
  readonly locationId: string;
  readonly source: LocationSource;
}

interface LockedSession {
  readonly id: string;
  readonly locationId: string | null;
  readonly state: string;
  readonly detected: number | null;
}

/** A photo's session, locked: what a count and a person do to one session happens one after the other. */
export async function lockSession(
  trx: Transaction,
  photo: { readonly organisationId: string; readonly sha256: Buffer },
): Promise<LockedSession | null> {
  const { rows } = await sql<LockedSession>`
    select s.id, s.storage_location_id as "locationId", s.state, s.detected
      from photos p join photo_sessions s
        on s.organisation_id = p.organisation_id and s.id = p.photo_session_id
     where p.organisation_id = ${photo.organisationId} and p.sha256 = ${photo.sha256}
       for update of s`.execute(trx);
  return rows[0] ?? null;
}

/**
 * Gives a photo its place; what was counted already is booked there, and taken back where it was
 * booked before. Undefined: not counted yet. Throws NOT_FOUND, STOCK_BELOW_ZERO.
 */
export async function placePhoto(
  trx: Transaction,
  input: PlacePhotoInput,
): Promise<BookingOutcome | undefined> {
  const session = await lockSession(trx, input);
  if (!session) throw new AppError('NOT_FOUND', 'There is no such photo.', { field: 'id' });
  const { organisationId, sha256, locationId, source } = input;
  await setPlace(trx, {
    organisationId,
    sha256,
    photoSessionId: session.id,
    place: { locationId, source },
    candidates: [],
  });
  if (session.detected === null || session.state === 'failed') return undefined;
  return await bookCount(trx, { organisationId, photoSessionId: session.id });
}
