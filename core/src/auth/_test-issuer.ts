import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';

export const AUDIENCE = 'https://api.demeter.test';

/** An OpenID Connect issuer on loopback whose tokens can be forged at will. */
export interface TestIssuer {
  readonly url: string;
  readonly publicJwk: JWK;
  readonly privateKey: CryptoKey;
  /** A good token but for what is overridden; undefined removes a claim. */
  sign(claims?: JWTPayload, header?: Record<string, unknown>, key?: CryptoKey): Promise<string>;
  /** Answers 500 from now on. */
  fail(): void;
  stop(): Promise<void>;
}

export async function createTestIssuer(): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' };
  let failing = false;
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request): Response => {
      if (failing) return new Response('down', { status: 500 });
      const { pathname } = new URL(request.url);
      if (pathname === '/jwks') return Response.json({ keys: [publicJwk] });
      return Response.json({ issuer: url, jwks_uri: `${url}jwks` });
    },
  });
  const url = `http://127.0.0.1:${server.port}/`;
  return {
    url,
    publicJwk,
    privateKey,
    sign: async (claims = {}, header = {}, key = privateKey) => {
      const now = Math.floor(Date.now() / 1000);
      const good = { iss: url, aud: AUDIENCE, sub: 'auth0|ana', iat: now, exp: now + 600 };
      return await new SignJWT({ ...good, permissions: ['stock:read'], ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'key-1', typ: 'JWT', ...header })
        .sign(key);
    },
    fail: () => {
      failing = true;
    },
    stop: () => server.stop(true),
  };
}
