import { AppError } from '@demeter/common/errors';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { writeAudit } from '../audit.ts';
import type { CoreContext } from '../context.ts';
import type { Transaction } from '../db/database.ts';
import { hmacOf } from './code-rules.ts';
import { endKeys } from './keys.ts';
import { lockEdge } from './queries.ts';

/** An Ed25519 public key, and nothing beside it. */
export interface EdgePublicKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  /** 32 bytes, base64url. */
  readonly x: string;
}

export interface Enrolled {
  readonly edgeId: string;
  readonly code: string;
  readonly name: string;
  /** RFC 7638: the `kid` of the box's assertions. */
  readonly thumbprint: string;
}

/**
 * Binds a box's own key to its row by a one-time code, which is used up. The same key may repeat
 * it: a power cut may have come before the box stored the answer. What the box had before, key or
 * token, is refused from now on; a revoked box takes part again.
 * Throws UNAUTHENTICATED (the code), CONFLICT (the key was enrolled before).
 */
export async function enrolEdge(
  { db, secrets, organisationId, clock }: CoreContext,
  { code, publicKey }: { readonly code: string; readonly publicKey: EdgePublicKey },
): Promise<Enrolled> {
  const now = new Date(clock.now());
  const { kty, crv, x } = publicKey;
  const jwk: JWK = { kty, crv, x };
  const thumbprint = await calculateJwkThumbprint(jwk);
  const hmac = hmacOf(secrets.codes, code);
  return await db.transaction().execute(async (trx) => {
    const edgeId = (await findCode(trx, organisationId, hmac))?.edge_id;
    const edge = edgeId === undefined ? undefined : await lockEdge(trx, organisationId, edgeId);
    // Read again under the lock: of two keys with the same code only the first gets in.
    const given = edge && (await findCode(trx, organisationId, hmac));
    if (!edge || given?.edge_id !== edge.id) throw refused();
    const enrolled = { edgeId: edge.id, code: edge.code, name: edge.name, thumbprint };
    const known = await trx
      .selectFrom('edge_keys')
      .select(['ended_at'])
      .where('organisation_id', '=', organisationId)
      .where('thumbprint', '=', thumbprint)
      .executeTakeFirst();
    if (given.used_by !== null) {
      if (given.used_by === thumbprint && known?.ended_at === null) return enrolled;
      throw refused();
    }
    if (given.expires_at <= now) throw refused();
    if (known) {
      throw new AppError('CONFLICT', 'This key was enrolled before.', {
        hint: 'A copied box needs a key of its own: remove its credential folder and enrol again.',
      });
    }
    await bindKey(trx, { organisationId, edgeId: edge.id, thumbprint, jwk }, now);
    return enrolled;
  });
}

async function findCode(trx: Transaction, organisationId: string, hmac: Buffer) {
  return await trx
    .selectFrom('edge_codes')
    .select(['edge_id', 'expires_at', 'used_by'])
    .where('organisation_id', '=', organisationId)
    .where('code_hmac', '=', hmac)
    .executeTakeFirst();
}

interface Binding {
  readonly organisationId: string;
  readonly edgeId: string;
  readonly thumbprint: string;
  readonly jwk: JWK;
}

async function bindKey(trx: Transaction, binding: Binding, now: Date): Promise<void> {
  const { organisationId, edgeId, thumbprint, jwk } = binding;
  await endKeys(trx, binding, now);
  await trx
    .insertInto('edge_keys')
    .values({
      organisation_id: organisationId,
      edge_id: edgeId,
      thumbprint,
      public_jwk: JSON.stringify(jwk),
      enrolled_at: now,
    })
    .execute();
  await trx
    .updateTable('edges')
    .set({ credential_jti: null, revoked_at: null, last_seen_at: now })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', edgeId)
    .execute();
  await trx
    .updateTable('edge_codes')
    .set({ used_by: thumbprint })
    .where('organisation_id', '=', organisationId)
    .where('edge_id', '=', edgeId)
    .execute();
  await writeAudit(trx, {
    organisationId,
    actor: `edge:${edgeId}`,
    action: 'edges.enrol',
    subjectType: 'edges',
    subjectId: edgeId,
    after: { thumbprint },
  });
}

function refused(): AppError {
  return new AppError('UNAUTHENTICATED', 'This code is wrong, was used or has expired.', {
    field: 'code',
    hint: 'Ask for a new one: `demeter edge code CODE`.',
  });
}
