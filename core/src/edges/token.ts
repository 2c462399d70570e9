import { AppError } from '@demeter/common/errors';
import { isUuid, newId } from '@demeter/common/ids';
import {
  decodeJwt,
  decodeProtectedHeader,
  importJWK,
  type JWK,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import type { CoreContext } from '../context.ts';
import { forgottenAt, judgeTimes } from './assertion-rules.ts';

/** Of an assertion (docs/protocols.md): no other token of ours or a box's has these. */
const TYP = 'edge-assertion+jwt';
const AUDIENCE = 'demeter-edge-token';
/** Of the token that it is exchanged for: a revoked box is refused at once all the same. */
const TOKEN_SECONDS = 600;

/**
 * A short-lived token for a box that shows, by a signed assertion, that it holds its enrolled key
 * (after RFC 7523). Throws UNAUTHENTICATED; EDGE_REVOKED and CLOCK_SKEWED (`server_time`) to whom
 * holds a key that is or was a box's.
 */
export async function exchangeAssertion(
  context: CoreContext,
  assertion: string,
): Promise<{ token: string; expiresInSeconds: number }> {
  const { db, clock, keys, organisationId } = context;
  const shown = read(assertion);
  const key = await db
    .selectFrom('edge_keys')
    .innerJoin('edges', (join) =>
      join
        .onRef('edges.organisation_id', '=', 'edge_keys.organisation_id')
        .onRef('edges.id', '=', 'edge_keys.edge_id'),
    )
    .select(['edge_keys.public_jwk', 'edge_keys.ended_at', 'edges.revoked_at'])
    .where('edge_keys.organisation_id', '=', organisationId)
    .where('edge_keys.thumbprint', '=', shown.thumbprint)
    .where('edge_keys.edge_id', '=', shown.edgeId)
    .executeTakeFirst();
  if (!key) throw refused();
  const claims = await verify(assertion, shown.edgeId, key.public_jwk as JWK);
  if (claims.org !== organisationId) throw refused();
  if (key.revoked_at) throw revoked();
  if (key.ended_at) throw refused();
  const issuedAt = Math.floor(clock.now() / 1000);
  const times = { iat: claims.iat ?? Number.NaN, exp: claims.exp ?? Number.NaN };
  const judged = judgeTimes(times, issuedAt);
  if (judged === 'skewed') throw clockSkewed(new Date(clock.now()));
  if (judged === 'too_long') throw refused();
  await spend(context, shown.edgeId, claims.jti ?? '', new Date(forgottenAt(times) * 1000));
  const token = await keys.signToken('edge', {
    subject: `edge:${shown.edgeId}`,
    organisationId,
    jti: newId(),
    issuedAt,
    expiresAt: issuedAt + TOKEN_SECONDS,
    // Bound to the key (RFC 7800): another key of the box ends it.
    more: { cnf: { jkt: shown.thumbprint } },
  });
  return { token, expiresInSeconds: TOKEN_SECONDS };
}

/** What an assertion says of itself, before anything is believed. */
function read(assertion: string): { edgeId: string; thumbprint: string } {
  try {
    const { kid } = decodeProtectedHeader(assertion);
    const edgeId = decodeJwt(assertion).sub?.replace(/^edge:/, '') ?? '';
    if (kid && kid.length <= 100 && isUuid(edgeId)) return { edgeId, thumbprint: kid };
  } catch (error) {
    throw refused(error);
  }
  throw refused();
}

/** Signature and claims, but for the times: a box whose clock is off must be told, not refused. */
async function verify(assertion: string, edgeId: string, jwk: JWK): Promise<JWTPayload> {
  try {
    const { iat = 0 } = decodeJwt(assertion);
    const { payload } = await jwtVerify(assertion, await importJWK(jwk, 'EdDSA'), {
      algorithms: ['EdDSA'],
      typ: TYP,
      audience: AUDIENCE,
      issuer: `edge:${edgeId}`,
      subject: `edge:${edgeId}`,
      requiredClaims: ['iat', 'exp', 'jti', 'org'],
      currentDate: new Date(iat * 1000),
    });
    if (payload.jti && /^[\w-]{16,64}$/.test(payload.jti)) return payload;
  } catch (error) {
    throw refused(error);
  }
  throw refused();
}

/** Each assertion is taken once, whichever core it comes to. Throws UNAUTHENTICATED. */
async function spend(
  { db, organisationId }: CoreContext,
  edgeId: string,
  jti: string,
  expiresAt: Date,
): Promise<void> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('edge_assertions')
    .values({ organisation_id: organisationId, edge_id: edgeId, jti, expires_at: expiresAt })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  if (Number(numInsertedOrUpdatedRows) === 0) throw refused();
}

/** Removes what would not be taken anyway. */
export async function sweepAssertions({ db }: Pick<CoreContext, 'db'>, now: Date): Promise<void> {
  await db.deleteFrom('edge_assertions').where('expires_at', '<=', now).execute();
}

function revoked(): AppError {
  return new AppError('EDGE_REVOKED', 'This box was revoked.');
}

function clockSkewed(now: Date): AppError {
  return new AppError('CLOCK_SKEWED', "The box's clock is not the core's.", {
    details: { server_time: now.toISOString() },
  });
}

/** The same answer for every reason, as for other tokens. */
function refused(cause?: unknown): AppError {
  return new AppError('UNAUTHENTICATED', 'The assertion is not valid.', { cause });
}
