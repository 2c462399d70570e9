import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { fingerprintOf } from '../enrol/key.ts';
import { answerAboutDays } from './centre-days.ts';
import type { World } from './world.ts';

/**
 * The centre as docs/protocols.md has it: grants, an inbox that takes bytes once and by their
 * checksum, registration that reads them again, receipts signed by a fixed key, days to compare, and
 * stand-ins. Its own faults are answers that are late, lost, wrong or refusals, and photos that it
 * has lost: with all that it knew of them, as by a restored backup, or their bytes alone.
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
  /** When the box says that it accepted each, by id. */
  readonly sightings: Map<string, string>;
}

interface Asked {
  readonly sha256: string;
  readonly size_bytes: number;
  readonly sighting?: { readonly id: string; readonly accepted_at: string };
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
  /** Registered photos whose bytes it has lost and asks for again. */
  readonly wanted = new Set<string>();
  /** Photos that it has held and lost, ever. */
  readonly lost = new Set<string>();
  /** Photos that stay on the box, as the box has told. */
  readonly standIns = new Set<string>();
  readonly #signed = new Map<string, string[]>();
  readonly #inbox = new Map<string, Buffer>();

  constructor(private readonly world: World) {}

  keys(): Answer {
    return this.faults.down ? DOWN : { status: 200, body: { keys: [JWK] } };
  }

  grant(asked: Asked): Answer {
    const refusal = this.#refusal();
    if (refusal) return refusal;
    if (this.bytesOf(asked.sha256)) return { status: 200, body: { state: 'stored' } };
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
    const bytes = this.bytesOf(sha256) ?? this.#inbox.get(sha256);
    if (!bytes) return problem('PHOTO_NOT_IN_STORE', 409);
    if (bytes.length !== asked.size_bytes) return problem('CHECKSUM_MISMATCH', 422);
    const held = known ?? {
      bytes,
      receipt: this.#receipt(sha256, bytes.length, KEY),
      sightings: new Map<string, string>(),
    };
    this.photos.set(sha256, held);
    this.#inbox.delete(sha256);
    this.wanted.delete(sha256);
    if (asked.sighting) held.sightings.set(asked.sighting.id, asked.sighting.accepted_at);
    this.world.moved();
    const strange = this.faults.strangersKey;
    const receipt = strange ? this.#receipt(sha256, bytes.length, STRANGERS_KEY) : held.receipt;
    const body = { photo_id: sha256, state: 'queued', receipt };
    return { status: known ? 200 : 201, body };
  }

  /** A photo of which the box says that it stays there, or is given up. */
  standIn({ sha256 }: Asked): Answer {
    const refusal = this.#refusal();
    if (refusal) return refusal;
    this.standIns.add(sha256);
    this.world.moved();
    return { status: 200, body: { photo_id: sha256, state: 'noted' } };
  }

  /** `GET edge/photos/SHA`. */
  stateOf(sha256: string): Answer {
    const refusal = this.#refusal();
    if (refusal) return refusal;
    if (!this.photos.has(sha256)) return problem('NOT_FOUND', 404);
    return { status: 200, body: { state: this.bytesOf(sha256) ? 'stored' : 'missing' } };
  }

  /** Below `edge/reconcile/`. */
  compare(path: string, asked: object): Answer {
    this.world.moved();
    return this.#refusal() ?? answerAboutDays(this, path, asked) ?? problem('NOT_FOUND', 404);
  }

  /** Undefined: it has no such photo, or has lost its bytes. */
  bytesOf(sha256: string): Buffer | undefined {
    return this.wanted.has(sha256) ? undefined : this.photos.get(sha256)?.bytes;
  }

  hasSigned(sha256: string, receipt: string): boolean {
    return this.#signed.get(sha256)?.includes(receipt) === true;
  }

  /** Its bytes, or all that it knows of it. */
  lose(sha256: string, all: boolean): void {
    this.lost.add(sha256);
    if (all) this.photos.delete(sha256);
    else this.wanted.add(sha256);
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
    const receipt = `${signed}.${base64url(sign(null, Buffer.from(signed), key))}`;
    if (key === KEY) this.#signed.set(sha256, [...(this.#signed.get(sha256) ?? []), receipt]);
    return receipt;
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
