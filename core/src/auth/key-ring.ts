import { AppError } from '@demeter/common/errors';
import {
  CompactSign,
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  type GeneralJWS,
  GeneralSign,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose';
import type { Database } from '../db/database.ts';
import { open, seal } from './seal.ts';

/** Kinds of token that the core signs itself; their headers and audiences differ, so that none passes for another. */
export const TOKEN_KINDS = {
  /** A person's or program's access token. */
  access: { typ: 'access+jwt', audience: 'demeter' },
  /** An edge's credential (docs/protocols.md). */
  edge: { typ: 'edge+jwt', audience: 'demeter-edge' },
} as const;

export type TokenKind = keyof typeof TOKEN_KINDS;

export const ISSUER = 'demeter';
const RECEIPT_TYP = 'receipt+jws';
const MANIFEST_TYP = 'edge-configuration+jws';
const KEY_SET_TYP = 'key-set+jws';
const ALGORITHM = 'EdDSA';

export interface TokenClaims {
  readonly subject: string;
  readonly organisationId: string;
  readonly jti: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  readonly issuedAt: number;
  /** Further claims, e.g. `permissions`. */
  readonly more?: Readonly<Record<string, unknown>>;
}

interface SigningKey {
  readonly kid: string;
  readonly publicJwk: JWK;
  readonly publicKey: CryptoKey | Uint8Array;
  readonly privateKey: CryptoKey | Uint8Array;
  readonly retired: boolean;
  /** When it was made, or retired. */
  readonly changedAt: Date;
}

/** The public keys, and the same signed with each of them (docs/protocols.md). */
export interface PublishedKeys extends JSONWebKeySet {
  readonly signed: GeneralJWS;
}

/**
 * The organisation's EdDSA keys: signs with the newest one that is not retired; tokens of a
 * retired key are refused, receipts of one stay verifiable (its public key stays published).
 */
export class KeyRing {
  #published: Promise<PublishedKeys> | undefined;

  private constructor(
    private readonly organisationId: string,
    private readonly signingKeys: readonly SigningKey[],
  ) {}

  /** Reads and unseals the keys. Throws INVALID_SETTING if JWT_SECRET_KEY is another one. */
  static async read(db: Database, organisationId: string, sealKey: Uint8Array): Promise<KeyRing> {
    const rows = await db
      .selectFrom('signing_keys')
      .select(['kid', 'public_jwk', 'private_jwk_sealed', 'created_at', 'retired_at'])
      .where('organisation_id', '=', organisationId)
      .orderBy('created_at', 'desc')
      .execute();
    const keys = rows.map(async (row): Promise<SigningKey> => {
      const publicJwk = row.public_jwk as JWK;
      const privateJwk = JSON.parse(openSealed(sealKey, row.private_jwk_sealed, row.kid)) as JWK;
      return {
        kid: row.kid,
        publicJwk,
        publicKey: await importJWK(publicJwk, ALGORITHM),
        privateKey: await importJWK(privateJwk, ALGORITHM),
        retired: row.retired_at !== null,
        changedAt: row.retired_at ?? row.created_at,
      };
    });
    return new KeyRing(organisationId, await Promise.all(keys));
  }

  /** Makes the first key if there is none; answers whether it did. */
  static async init(db: Database, organisationId: string, sealKey: Uint8Array): Promise<boolean> {
    const existing = await db
      .selectFrom('signing_keys')
      .select('kid')
      .where('organisation_id', '=', organisationId)
      .where('retired_at', 'is', null)
      .executeTakeFirst();
    if (existing) return false;
    const pair = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
    const publicJwk = await exportJWK(pair.publicKey);
    const kid = await calculateJwkThumbprint(publicJwk);
    const sealed = seal(sealKey, JSON.stringify(await exportJWK(pair.privateKey)), kid);
    await db
      .insertInto('signing_keys')
      .values({
        organisation_id: organisationId,
        kid,
        algorithm: ALGORITHM,
        public_jwk: JSON.stringify({ ...publicJwk, kid, alg: ALGORITHM, use: 'sig' }),
        private_jwk_sealed: sealed,
      })
      .execute();
    return true;
  }

  /** A token of the given kind, as compact JWS. */
  async signToken(kind: TokenKind, claims: TokenClaims): Promise<string> {
    const key = this.#current();
    const { typ, audience } = TOKEN_KINDS[kind];
    return await new SignJWT({ ...claims.more, org: claims.organisationId })
      .setProtectedHeader({ alg: ALGORITHM, typ, kid: key.kid })
      .setIssuer(ISSUER)
      .setAudience(audience)
      .setSubject(claims.subject)
      .setJti(claims.jti)
      .setIssuedAt(claims.issuedAt)
      .setExpirationTime(claims.expiresAt)
      .sign(key.privateKey);
  }

  /** The claims of a token of exactly this kind. Throws what jose throws. */
  async verifyToken(kind: TokenKind, token: string, now: Date): Promise<JWTPayload> {
    const { typ, audience } = TOKEN_KINDS[kind];
    const { payload } = await jwtVerify(
      token,
      ({ kid }) => {
        const key = this.signingKeys.find((one) => one.kid === kid && !one.retired);
        if (!key) throw new AppError('UNAUTHENTICATED', 'The token was signed with another key.');
        return key.publicKey;
      },
      {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience,
        typ,
        requiredClaims: ['sub', 'org', 'iat', 'exp', 'jti'],
        currentDate: now,
      },
    );
    return payload;
  }

  /** A receipt: compact JWS over the payload (docs/protocols.md). */
  async signReceipt(payload: Readonly<Record<string, unknown>>): Promise<string> {
    return await this.#sign(RECEIPT_TYP, payload);
  }

  /** What a box should have (docs/protocols.md); its `typ` keeps it apart from receipts. */
  async signManifest(payload: Readonly<Record<string, unknown>>): Promise<string> {
    return await this.#sign(MANIFEST_TYP, payload);
  }

  /** The key that signs now. */
  get currentKid(): string {
    return this.#current().kid;
  }

  /**
   * Public keys, those of retired ones too: receipts outlive their key. What may no longer be
   * signed with such a key is for its reader to refuse: it says `retired`.
   */
  publicKeys(): JSONWebKeySet {
    return {
      keys: this.signingKeys.map(({ publicJwk, retired }) =>
        retired ? { ...publicJwk, retired: true } : publicJwk,
      ),
    };
  }

  /**
   * The public keys for boxes that may know only one of them: each key signs the whole set, retired
   * ones too, so that a box that was away for several rotations finds the way from its own.
   */
  async publishedKeys(): Promise<PublishedKeys> {
    this.#published ??= this.#signKeys();
    return await this.#published;
  }

  async #signKeys(): Promise<PublishedKeys> {
    this.#current();
    const { keys } = this.publicKeys();
    const changedAt = Math.max(...this.signingKeys.map((key) => key.changedAt.getTime()));
    const payload = {
      organisation_id: this.organisationId,
      changed_at: new Date(changedAt).toISOString(),
      keys,
    };
    const signing = new GeneralSign(new TextEncoder().encode(JSON.stringify(payload)));
    for (const { kid, privateKey } of this.signingKeys) {
      signing
        .addSignature(privateKey)
        .setProtectedHeader({ alg: ALGORITHM, typ: KEY_SET_TYP, kid });
    }
    return { keys, signed: await signing.sign() };
  }

  async #sign(typ: string, payload: Readonly<Record<string, unknown>>): Promise<string> {
    const key = this.#current();
    return await new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
      .setProtectedHeader({ alg: ALGORITHM, typ, kid: key.kid })
      .sign(key.privateKey);
  }

  #current(): SigningKey {
    const key = this.signingKeys.find((one) => !one.retired);
    if (!key) throw new Error('there is no signing key: run `demeter init`');
    return key;
  }
}

function openSealed(sealKey: Uint8Array, sealed: Uint8Array, kid: string): string {
  try {
    return open(sealKey, sealed, kid);
  } catch (error) {
    throw new AppError('INVALID_SETTING', 'JWT_SECRET_KEY does not open the signing keys.', {
      field: 'JWT_SECRET_KEY',
      hint: 'Set the secret with which `demeter init` was run.',
      cause: error,
    });
  }
}
