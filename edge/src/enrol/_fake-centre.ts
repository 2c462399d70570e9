import { decodeJwt, importJWK, type JWK, jwtVerify } from 'jose';
import type { Transport } from '../forward/transport.ts';

export const ORGANISATION = '01890000-0000-7000-8000-000000000001';
export const EDGE = '01890000-0000-7000-8000-0000000000ed';
const CENTRE_NOW = Date.parse('2026-05-01T10:00:00.000Z');

/** The centre's side of enrolment, as far as a box can tell; the real one has tests of its own. */
export interface FakeCentre extends Pick<Transport, 'fetch'> {
  /** Bodies of requests that arrived, by the last part of their path. */
  readonly asked: { readonly what: string; readonly body: Record<string, unknown> }[];
  readonly key: () => JWK | null;
  /** How the next answers are spoilt. */
  fault: 'none' | 'lost_answer' | 'revoked' | 'captive_portal' | 'busy' | 'wrong_code';
}

export function createFakeCentre(): FakeCentre {
  let enrolled: { code: string; key: JWK } | null = null;
  const centre: FakeCentre = {
    asked: [],
    key: () => enrolled?.key ?? null,
    fault: 'none',
    fetch: async (url, init) => {
      const body = JSON.parse(String(init.body)) as Record<string, unknown>;
      const what = new URL(url).pathname.replace('/api/v1/edge/', '');
      centre.asked.push({ what, body });
      if (centre.fault === 'captive_portal') return new Response('<html>Welcome</html>');
      if (centre.fault === 'busy') {
        return problem('DATABASE_UNAVAILABLE', 503, {}, { 'retry-after': '7' });
      }
      const answer = what === 'enrol' ? enrol(body) : await exchange(String(body.assertion));
      if (centre.fault !== 'lost_answer') return answer;
      centre.fault = 'none';
      throw new TypeError('the connection was reset');
    },
  };

  const enrol = (body: Record<string, unknown>): Response => {
    const code = String(body.code).toUpperCase().replaceAll(/[\s-]/g, '');
    const key = body.public_key as JWK;
    const repeats = enrolled?.code === code && enrolled.key.x === key.x;
    const isSpent = enrolled?.code === code && !repeats;
    if (centre.fault === 'wrong_code' || isSpent) return problem('UNAUTHENTICATED', 401);
    enrolled = { code, key };
    return Response.json({
      edge_id: EDGE,
      organisation_id: ORGANISATION,
      code: 'G1',
      name: 'Greenhouse 1',
      fingerprint: 'of the centre',
      keys: [{ kid: 'k1' }],
      server_time: new Date(CENTRE_NOW).toISOString(),
    });
  };

  const exchange = async (assertion: string): Promise<Response> => {
    if (centre.fault === 'revoked') return problem('EDGE_REVOKED', 401);
    const iat = (decodeJwt(assertion).iat ?? 0) * 1000;
    try {
      await jwtVerify(assertion, await importJWK(enrolled?.key ?? {}, 'EdDSA'), {
        algorithms: ['EdDSA'],
        typ: 'edge-assertion+jwt',
        audience: 'demeter-edge-token',
        issuer: `edge:${EDGE}`,
        subject: `edge:${EDGE}`,
        requiredClaims: ['exp', 'jti', 'org'],
        currentDate: new Date(iat),
      });
    } catch {
      return problem('UNAUTHENTICATED', 401);
    }
    if (Math.abs(iat - CENTRE_NOW) > 60_000) {
      return problem('CLOCK_SKEWED', 401, { server_time: new Date(CENTRE_NOW).toISOString() });
    }
    const access_token = `token-${centre.asked.length}`;
    return Response.json({ access_token, token_type: 'Bearer', expires_in: 600 });
  };
  return centre;
}

function problem(code: string, status: number, more: object = {}, headers = {}): Response {
  return Response.json({ ...more, code, status, detail: code }, { status, headers });
}

/** A clock that stands still where it is put; the centre's is at `CENTRE_NOW`. */
export function createStillClock(offMs = 0) {
  const clock = {
    wall: CENTRE_NOW + offMs,
    passed: 0,
    now: () => clock.wall,
    monotonic: () => clock.passed,
    sleep: (_: number, signal?: AbortSignal) =>
      new Promise<void>((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
  };
  return clock;
}
