import type { Values } from '@demeter/common/config';
import { AppError } from '@demeter/common/errors';
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';

/** Checks access tokens of an OpenID Connect issuer. */
export interface OidcVerifier {
  /** Throws UNAUTHENTICATED, ISSUER_UNAVAILABLE. */
  verify(token: string, now: Date): Promise<JWTPayload>;
}

/** Only signatures by a key pair: with a shared secret the public key would do as one. */
const ASYMMETRIC = /^(RS|PS|ES)(256|384|512)$|^EdDSA$/;
const FETCH_TIMEOUT_MS = 5_000;
const COOLDOWN_MS = 10_000;

interface Issuer {
  readonly issuer: string;
  readonly getKey: JWTVerifyGetKey;
}

/** Null where no issuer is configured. Throws INVALID_SETTING. */
export function createOidcVerifier(values: Values): OidcVerifier | null {
  const configured =
    values.OIDC_ISSUER ??
    values.AUTH0_ISSUER ??
    (values.AUTH0_DOMAIN ? `https://${values.AUTH0_DOMAIN}/` : undefined);
  if (!configured) return null;
  const audience = values.OIDC_AUDIENCE ?? values.AUTH0_API_AUDIENCE;
  if (!audience) {
    throw new AppError('INVALID_SETTING', 'An issuer needs an audience.', {
      field: 'OIDC_AUDIENCE',
      hint: 'Set OIDC_AUDIENCE or AUTH0_API_AUDIENCE.',
    });
  }
  const algorithms = [...values.AUTH0_ALGORITHMS];
  if (algorithms.length === 0 || !algorithms.every((one) => ASYMMETRIC.test(one))) {
    throw new AppError('INVALID_SETTING', 'AUTH0_ALGORITHMS must be of RS256, PS256, ES256, ….', {
      field: 'AUTH0_ALGORITHMS',
    });
  }
  let found: Promise<Issuer> | undefined;
  const discovered = () => {
    // A failed discovery is tried again by the next token.
    found ??= discover(configured).catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return found;
  };
  return {
    verify: async (token, now) => {
      const { issuer, getKey } = await discovered();
      try {
        const options = {
          algorithms,
          issuer,
          audience,
          currentDate: now,
          requiredClaims: ['sub', 'exp'],
        };
        return (await jwtVerify(token, getKey, options)).payload;
      } catch (error) {
        throw refusal(error);
      }
    },
  };
}

/** Reads the issuer's configuration (OpenID Connect Discovery 1.0, section 4). */
async function discover(configured: string): Promise<Issuer> {
  const base = configured.replace(/\/+$/, '');
  let document: { issuer?: unknown; jwks_uri?: unknown };
  try {
    const response = await fetch(`${base}/.well-known/openid-configuration`, {
      signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`discovery answered ${response.status}`);
    document = (await response.json()) as typeof document;
  } catch (error) {
    throw unavailable(error);
  }
  const { issuer, jwks_uri: keys } = document;
  if (typeof issuer !== 'string' || typeof keys !== 'string') {
    throw unavailable(new Error('discovery names no issuer or keys'));
  }
  // The issuer must be the one that was asked (section 4.3).
  if (issuer.replace(/\/+$/, '') !== base) {
    throw unavailable(new Error(`discovery names the issuer ${issuer}`));
  }
  const getKey = createRemoteJWKSet(new URL(keys), {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cooldownDuration: COOLDOWN_MS,
  });
  return { issuer, getKey };
}

function refusal(error: unknown): AppError {
  if (error instanceof errors.JWKSTimeout) return unavailable(error);
  // jose's own class without a narrower one: the key set could not be fetched.
  if (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC')
    return unavailable(error);
  if (!(error instanceof errors.JOSEError)) return unavailable(error);
  return new AppError('UNAUTHENTICATED', 'The token is not valid.', { cause: error });
}

function unavailable(cause: unknown): AppError {
  return new AppError('ISSUER_UNAVAILABLE', 'The identity provider does not answer.', { cause });
}
