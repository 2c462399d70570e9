import { newId } from '@demeter/common/ids';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import type { Answer, TestCore } from '../_test-core.ts';

/** A box's side of enrolment, with every part of an assertion in the test's hand. */
export interface TestBox {
  readonly publicKey: { readonly kty: string; readonly crv: string; readonly x: string };
  readonly thumbprint: string;
  enrol(code: string): Promise<Answer>;
  /** A good assertion but for what is overridden; undefined removes a claim. */
  assertion(claims?: JWTPayload, header?: Record<string, unknown>): Promise<string>;
  exchange(assertion?: string): Promise<Answer>;
  /** A fresh token. */
  token(): Promise<string>;
}

export async function createTestBox(core: TestCore, edgeId: string): Promise<TestBox> {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const { kty = '', crv = '', x = '' } = await exportJWK(pair.publicKey);
  const publicKey = { kty, crv, x };
  const thumbprint = await calculateJwkThumbprint(publicKey);
  const assertion: TestBox['assertion'] = async (claims = {}, header = {}) => {
    const now = Math.floor(core.context.clock.now() / 1000);
    const self = `edge:${edgeId}`;
    const good = { iss: self, sub: self, aud: 'demeter-edge-token', org: core.organisationId };
    return await new SignJWT({ ...good, iat: now, exp: now + 120, jti: newId(), ...claims })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'edge-assertion+jwt', kid: thumbprint, ...header })
      .sign(pair.privateKey);
  };
  const exchange: TestBox['exchange'] = async (given) =>
    await core.call(null, 'POST', '/api/v1/edge/token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: given ?? (await assertion()),
    });
  return {
    publicKey,
    thumbprint,
    enrol: async (code) =>
      await core.call(null, 'POST', '/api/v1/edge/enrol', { code, public_key: publicKey }),
    assertion,
    exchange,
    token: async () => (await exchange()).body.access_token,
  };
}

/** A new box of the organisation, enrolled. */
export async function enrolledBox(core: TestCore, code: string) {
  const made = await core.call('admin', 'POST', '/api/v1/edges', { code, name: code });
  const id = made.body.id as string;
  const box = await createTestBox(core, id);
  await box.enrol(made.body.enrolment.code);
  return { id, box };
}

/** A box that is well, as it says so itself. */
export function heartbeat(now: number, more: object = {}) {
  return {
    sent_at: new Date(now).toISOString(),
    clock_correction_ms: 0,
    boot_id: 'b1',
    monotonic_ms: 12.5,
    version: '0.1.0',
    backlog_photos: 0,
    backlog_bytes: 0,
    oldest_unsent_at: null,
    held_bytes: 10,
    quota_bytes: 100,
    fullness: 'fine',
    alarms: [],
    cameras: [{ code: 'bench-1', last_photo_at: null }],
    config_version: null,
    ...more,
  };
}
