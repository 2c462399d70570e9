import { AppError } from '@demeter/common/errors';
import { newId } from '@demeter/common/ids';
import { writeAudit } from '../audit.ts';
import type { KeyRing } from '../auth/key-ring.ts';
import type { Transaction } from '../db/database.ts';
import { hmacOf, makeCode } from './code-rules.ts';
import { endKeys } from './keys.ts';

/** A box may be off for a season and must still be known when it comes back. */
const CREDENTIAL_DAYS = 730;
/** An administrator makes a code, and somebody types it in at the box on the same day. */
export const CODE_HOURS = 24;

export interface EdgeAuthor {
  readonly organisationId: string;
  readonly actor: string;
}

/** A new edge box, without credential yet. Throws ALREADY_EXISTS: a code names one box for good. */
export async function createEdge(
  trx: Transaction,
  { organisationId, actor }: EdgeAuthor,
  edge: { readonly code: string; readonly name: string },
): Promise<string> {
  const id = newId();
  const made = await trx
    .insertInto('edges')
    .values({ organisation_id: organisationId, id, ...edge })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'code']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!made) {
    throw new AppError('ALREADY_EXISTS', `There is a box ${edge.code} already.`, {
      field: 'code',
      hint: `To let it enrol (again), give it a new code: \`demeter edge code ${edge.code}\`.`,
    });
  }
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

/** What people may change of a box. */
export interface EdgeChanges {
  readonly name?: string;
  readonly silent_after_minutes?: number;
  readonly unsent_after_hours?: number;
}

/** Throws NOT_FOUND. */
export async function changeEdge(
  trx: Transaction,
  { organisationId, actor }: EdgeAuthor,
  edgeId: string,
  changes: EdgeChanges,
): Promise<void> {
  const columns = ['name', 'silent_after_minutes', 'unsent_after_hours'] as const;
  const before = await trx
    .selectFrom('edges')
    .select(columns)
    .where('organisation_id', '=', organisationId)
    .where('id', '=', edgeId)
    .forUpdate()
    .executeTakeFirst();
  if (!before) throw notThere();
  const after = await trx
    .updateTable('edges')
    .set({ ...before, ...changes })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', edgeId)
    .returning(columns)
    .executeTakeFirst();
  await writeAudit(trx, {
    organisationId,
    actor,
    action: 'edges.update',
    subjectType: 'edges',
    subjectId: edgeId,
    before,
    after,
  });
}

export interface CodeOptions {
  /** `secrets.codes`. */
  readonly key: Uint8Array;
  readonly now: Date;
  readonly hours: number;
}

/**
 * A one-time code to enrol with; the one before ends, used or not. Only its HMAC is stored. A box
 * that was revoked takes part again once it has enrolled with it. Throws NOT_FOUND.
 */
export async function issueCode(
  trx: Transaction,
  { organisationId, actor }: EdgeAuthor,
  edgeId: string,
  { key, now, hours }: CodeOptions,
): Promise<{ code: string; expiresAt: Date }> {
  if (!(await lockEdge(trx, organisationId, edgeId))) throw notThere();
  const code = makeCode();
  const expiresAt = new Date(now.getTime() + hours * 3_600_000);
  const values = {
    code_hmac: hmacOf(key, code),
    created_at: now,
    expires_at: expiresAt,
    used_by: null,
  };
  await trx
    .insertInto('edge_codes')
    .values({ organisation_id: organisationId, edge_id: edgeId, ...values })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'edge_id']).doUpdateSet(values))
    .execute();
  await writeAudit(trx, {
    organisationId,
    actor,
    action: 'edges.code',
    subjectType: 'edges',
    subjectId: edgeId,
    after: { expires_at: expiresAt.toISOString() },
  });
  return { code, expiresAt };
}

/** Changes of a box's credentials happen one after the other. */
export async function lockEdge(trx: Transaction, organisationId: string, edgeId: string) {
  return await trx
    .selectFrom('edges')
    .select(['id', 'code', 'name', 'revoked_at'])
    .where('organisation_id', '=', organisationId)
    .where('id', '=', edgeId)
    .forUpdate()
    .executeTakeFirst();
}

/**
 * A new token of two years; the token or key before is refused from now on. Throws NOT_FOUND,
 * CONFLICT (revoked).
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
  if (!edge) throw notThere();
  if (edge.revoked_at) {
    throw new AppError('CONFLICT', 'This edge was revoked.', {
      hint: 'Give it a one-time code, and enrol it again.',
    });
  }
  await endKeys(trx, { organisationId, edgeId }, now);
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

/** From now on nothing that this edge sends is taken, and its code enrols nobody. Throws NOT_FOUND. */
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
  if (!edge) throw notThere();
  await endKeys(trx, { organisationId, edgeId }, now);
  await trx
    .deleteFrom('edge_codes')
    .where('organisation_id', '=', organisationId)
    .where('edge_id', '=', edgeId)
    .execute();
  await writeAudit(trx, {
    organisationId,
    actor,
    action: 'edges.revoke',
    subjectType: 'edges',
    subjectId: edgeId,
  });
}

export function notThere(): AppError {
  return new AppError('NOT_FOUND', 'There is no such edge.', { field: 'id' });
}
