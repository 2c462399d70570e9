import { hkdfSync } from 'node:crypto';

/** Keys derived from JWT_SECRET_KEY, one for each purpose, 32 bytes each. */
export interface Secrets {
  /** Seals the private signing keys. */
  readonly seal: Uint8Array;
  /** Signs links to photos (HMAC). */
  readonly links: Uint8Array;
  /** Makes the CSRF token of a cookie session (HMAC). */
  readonly csrf: Uint8Array;
  /** Hashes the one-time codes that boxes enrol with (HMAC). */
  readonly codes: Uint8Array;
}

/** HKDF-SHA-256 (RFC 5869) with the purpose as info, so that no key serves two ends. */
export function deriveSecrets(secret: string): Secrets {
  const derive = (purpose: string) =>
    new Uint8Array(hkdfSync('sha256', secret, 'demeter', `demeter/${purpose}/v1`, 32));
  return {
    seal: derive('seal'),
    links: derive('links'),
    csrf: derive('csrf'),
    codes: derive('codes'),
  };
}
