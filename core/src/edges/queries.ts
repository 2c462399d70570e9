import { AppError } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import { writeAudit } from '../audit.ts';
import type { KeyRing } from '../auth/key-ring.ts';
import type { Transaction } from '../db/database.ts';

/** A box may be off for a season and must still be known when it comes back. */
const CREDENTIAL_DAYS = 730;

export interface EdgeAuthor {
  readonly organisationId: string;
  readonly actor: string;
}

/** A new edge box, without credential yet. Throws ALREADY_EXISTS. */
export async function createEdge(
  trx: Transaction,
  { organisationId, actor }: EdgeAuthor,
  edge: { readonly code: string; readonly name: string },
): Promise<string> {
  const id = newId();
  await trx
    .insertInto('edges')
    .values({ organisation_id: organisationId, id, ...edge })
    .execute();
  await writeAudit(trx, {
    organisationId,
    actor,
    action: 'edges.create',
    subjectType: 'edges',
    subjectId: id,
    after: edge,
  });
  return id;
}

/**
 * A new credential; the one before is refused from now on. Throws NOT_FOUND, CONFLICT (revoked).
 */
export async function createCredential(
  trx: Transaction,
  keys: KeyRing,
  { organisationId, actor }: EdgeAuthor,
  edgeId: string,
  now: Date,
): Promise<{ token: string; expiresAt: Date }> {
  const jti = newId();
  const edge = await trx
    .updateTable('edges')
    .set({ credential_jti: jti })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', edgeId)
    .returning('revoked_at')
    .executeTakeFirst();
  if (!edge) throw new AppError('NOT_FOUND', 'There is no such edge.', { field: 'id' });
  if (edge.revoked_at) {
    throw new AppError('CONFLICT', 'This edge was revoked.', { hint: 'Add it under a new code.' });
  }
  const issuedAt = Math.floor(now.getTime() / 1000);
  const expiresAt = issuedAt + CREDENTIAL_DAYS * 86_400;
  const token = await keys.signToken('edge', {
    subject: `edge:${edgeId}`,
    organisationId,
    jti,
    issuedAt,
    expiresAt,
  });
  await writeAudit(trx, {
    organisationId,
    actor,
    action: 'edges.credential',
    subjectType: 'edges',
    subjectId: edgeId,
    after: { jti },
  });
  return { token, expiresAt: new Date(expiresAt * 1000) };
}

/** From now on nothing that this edge sends is taken. Throws NOT_FOUND. */
export async function revokeEdge(
  trx: Transaction,
  { organisationId, actor }: EdgeAuthor,
  edgeId: string,
  now: Date,
): Promise<void> {
  const edge = await trx
    .updateTable('edges')
    .set((set) => ({
      credential_jti: null,
      revoked_at: set.fn.coalesce('revoked_at', set.val(now)),
    }))
    .where('organisation_id', '=', organisationId)
    .where('id', '=', edgeId)
    .returning('id')
    .executeTakeFirst();
  if (!edge) throw new AppError('NOT_FOUND', 'There is no such edge.', { field: 'id' });
  await writeAudit(trx, {
    organisationId,
    actor,
    action: 'edges.revoke',
    subjectType: 'edges',
    subjectId: edgeId,
  });
}
