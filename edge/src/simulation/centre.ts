import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { fingerprintOf } from '../enrol/key.ts';
import type { World } from './world.ts';

/**
 * The centre as docs/protocols.md has it: grants, an inbox that takes bytes once and by their
 * checksum, registration that reads them again, receipts signed by a fixed key. What it holds it
 * keeps: the centre's own faults are answers that are late, lost, wrong or refusals.
 */

export const ORGANISATION = '01890000-0000-7000-8000-000000000001';
export const CENTRE_URL = 'http://centre.test';

/** PKCS #8 of an Ed25519 key (RFC 8410, 7), before its 32 bytes. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const keyOf = (byte: number) =>
  createPrivateKey({
    key: Buffer.concat([PKCS8, Buffer.alloc(32, byte)]),
    format: 'der',
    type: 'pkcs8',
  });
const KEY = keyOf(7);
const STRANGERS_KEY = keyOf(8);
const PUBLIC = createPublicKey(KEY).export({ format: 'jwk' });
/** Its fingerprint. */
export const CENTRE_KEY = fingerprintOf(PUBLIC);
const JWK = { ...PUBLIC, kid: CENTRE_KEY, alg: 'EdDSA' };

interface Held {
  readonly bytes: Buffer;
  readonly receipt: string;
  readonly sightings: Set<string>;
}

interface Asked {
  readonly sha256: string;
  readonly size_bytes: number;
  readonly sighting?: { readonly id: string };
}

export interface CentreFaults {
  /** Answers 503 to everything. */
  down: boolean;
  /** Does not know the box's credential. */
  forgetful: boolean;
  /** Signs with a key that it does not publish. */
  strangersKey: boolean;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

export class Centre {
  readonly faults: CentreFaults = { down: false, forgetful: false, strangersKey: false };
  /** Photos that are registered, by hash: what the centre answers for. */
  readonly photos = new Map<string, Held>();
  readonly #inbox = new Map<string, Buffer>();

  constructor(private readonly world: World) {}

  keys(): Answer {
    return this.faults.down ? DOWN : { status: 200, body: { keys: [JWK] } };
  }

  grant(asked: Asked): Answer {
    const refusal = this.#refusal();
    if (refusal) return refusal;
    if (this.photos.has(asked.sha256)) return { status: 200, body: { state: 'stored' } };
    const headers = {
      'content-length': String(asked.size_bytes),
      'if-none-match': '*',
      'x-amz-checksum-sha256': Buffer.from(asked.sha256, 'hex').toString('base64'),
    };
    const url = `${CENTRE_URL}/inbox/${asked.sha256}`;
    const expires_at = new Date(this.world.now + 3_600_000).toISOString();
    const grant = { method: 'PUT', url, headers, expires_at };
    return { status: 200, body: { state: 'put', grant, key: `inbox/${asked.sha256}` } };
  }

  put(sha256: string, bytes: Buffer): Answer {
    if (this.faults.down) return DOWN;
    if (hashOf(bytes) !== sha256) return { status: 400, body: '<Code>BadDigest</Code>' };
    if (this.#inbox.has(sha256)) return { status: 412, body: '' };
    this.#inbox.set(sha256, bytes);
    return { status: 200, body: '' };
  }

  register(asked: Asked): Answer {
    const refusal = this.#refusal();
    if (refusal) return refusal;
    const { sha256 } = asked;
    const known = this.photos.get(sha256);
    const bytes = known?.bytes ?? this.#inbox.get(sha256);
    if (!bytes) return problem('PHOTO_NOT_IN_STORE', 409);
    if (bytes.length !== asked.size_bytes) return problem('CHECKSUM_MISMATCH', 422);
    const held = known ?? {
      bytes,
      receipt: this.#receipt(sha256, bytes.length, KEY),
      sightings: new Set<string>(),
    };
    this.photos.set(sha256, held);
    this.#inbox.delete(sha256);
    if (asked.sighting) held.sightings.add(asked.sighting.id);
    this.world.moved();
    const strange = this.faults.strangersKey;
    const receipt = strange ? this.#receipt(sha256, bytes.length, STRANGERS_KEY) : held.receipt;
    const body = { photo_id: sha256, state: 'queued', receipt };
    return { status: known ? 200 : 201, body };
  }

  #refusal(): Answer | null {
    if (this.faults.down) return DOWN;
    return this.faults.forgetful ? problem('UNAUTHENTICATED', 401) : null;
  }

  #receipt(sha256: string, size_bytes: number, key: typeof KEY): string {
    const header = { alg: 'EdDSA', typ: 'receipt+jws', kid: CENTRE_KEY };
    const payload = {
      sha256,
      size_bytes,
      organisation_id: ORGANISATION,
      received_at: new Date(this.world.now).toISOString(),
      key: `photos/${sha256}`,
    };
    const signed = [header, payload].map((part) => base64url(JSON.stringify(part))).join('.');
    return `${signed}.${base64url(sign(null, Buffer.from(signed), key))}`;
  }
}

const base64url = (text: string | Buffer) => Buffer.from(text).toString('base64url');

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function problem(code: string, status: number, headers: Record<string, string> = {}): Answer {
  const body = { type: `/errors/${code}`, title: code, status, code, detail: code };
  return { status, body, headers };
}

const DOWN = problem('DATABASE_UNAVAILABLE', 503, { 'retry-after': '5' });
