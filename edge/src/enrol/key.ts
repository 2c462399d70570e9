import { createHash } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import type { PrivateJwk, StoredIdentity } from './identity-file.ts';

/** Of an assertion (docs/protocols.md). */
const ASSERTION_TYP = 'edge-assertion+jwt';
const ASSERTION_AUDIENCE = 'demeter-edge-token';
/** It is sent at once; the centre takes five minutes at most. */
const ASSERTION_SECONDS = 120;

/** A new Ed25519 key. */
export async function makeKey(): Promise<PrivateJwk> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const { x = '', d = '' } = await exportJWK(privateKey);
  return { kty: 'OKP', crv: 'Ed25519', x, d };
}

export function toPublic({ kty, crv, x }: PrivateJwk) {
  return { kty, crv, x };
}

/**
 * RFC 7638 thumbprint of an Ed25519 key, SHA-256, base64url: what the centre shows as the box's
 * fingerprint, and the `kid` of the centre's own keys. It names the key itself.
 */
export function fingerprintOf({ crv, kty, x }: Pick<JWK, 'crv' | 'kty' | 'x'>): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
}

/** Says who this box is, once: the centre answers a token for it. `nowMs`: by the centre's clock. */
export async function signAssertion(identity: StoredIdentity, nowMs: number): Promise<string> {
  const self = `edge:${identity.edge_id}`;
  const now = Math.floor(nowMs / 1000);
  return await new SignJWT({ org: identity.organisation_id })
    .setProtectedHeader({ alg: 'EdDSA', typ: ASSERTION_TYP, kid: identity.fingerprint })
    .setIssuer(self)
    .setSubject(self)
    .setAudience(ASSERTION_AUDIENCE)
    .setIssuedAt(now)
    .setExpirationTime(now + ASSERTION_SECONDS)
    .setJti(crypto.randomUUID())
    .sign(await importJWK(identity.private_jwk, 'EdDSA'));
}
